public import IIC
internal import Raster
internal import Tensor

/// The images of a folder, in memory.
public struct LoadedImages: Sendable {
  /// The images, all grey or all RGB.
  public let images: ImageSet
  /// The path inside the folder of each image.
  public let paths: [String]
  /// What the folder leaves out, and the images that could not be read in the folder's order, each
  /// with the reason.
  public let skipped: [DatasetReport.Problem]
  /// The folder as a dataset: all of it trains, and names clusters and scores where there are labels.
  public let dataset: DatasetImages
}

extension ImageFolder {
  /// Reads every image that can be read. Where some are RGB, all become so.
  ///
  /// The images come in a mixed order, the same each time for the same paths: training and scoring
  /// take batches in the images' order, and sorted by class a batch would show one class alone.
  ///
  /// - Parameters:
  ///   - shortestSide: images are scaled so that their shorter side has so many pixels, keeping their
  ///     proportions; nil leaves them as they are.
  ///   - threads: how many images are decoded at once.
  ///   - largestByteCount: what all images together may take, 8 GiB unless told otherwise.
  ///   - observe: called after each image with how many are done, on the calling thread.
  /// - Throws: ``ClassifyError`` where no image can be read, or where they take more memory than
  ///   they may.
  public func load(
    shortestSide: Int?, threads: Int, largestByteCount: Int = 8 << 30,
    observe: (_ done: Int) throws -> Void = { _ in }
  ) throws -> LoadedImages {
    // An entry each, nil of one that cannot be read.
    var images: [ByteImage?] = []
    var skipped: [DatasetReport.Problem] = []
    var bytes = 0
    let decoding = OrderedPipeline(count: entries.count, ahead: 4 * threads, threads: threads) {
      { number in decoded(entries[number], shortestSide: shortestSide) }
    }
    while let result = try decoding.next() {
      let entry = entries[images.count]
      switch result {
      case .success(let image):
        bytes += image.pixels.count
        images.append(image)
      case .failure(let error):
        images.append(nil)
        skipped.append(.init(path: "\(path)/\(entry.path)", reason: error.reason))
      }
      guard bytes <= largestByteCount else {
        throw ClassifyError(
          operation: "read", path: path,
          reason: "its images take more than \(largestByteCount >> 20) MiB in memory",
          remedy: shortestSide == nil
            ? "scale them down" : "choose a smaller size, or use fewer images")
      }
      try observe(images.count)
    }
    let kept = MixedOrder.places(of: entries.map(\.path)).compactMap { place in
      images[place].map { (entry: entries[place], image: $0) }
    }
    guard !kept.isEmpty else {
      throw ClassifyError(
        operation: "read", path: path,
        reason: "none of its \(entries.count) images can be read, the first because "
          + "\(skipped[0].reason)", remedy: "check the files")
    }
    let isInColour = kept.contains { $0.image.channels == 3 }
    let labels = kept.compactMap(\.entry.label)
    let set = ImageSet(
      kept.map { isInColour ? $0.image.inColour() : $0.image },
      labels: labels.count == kept.count ? labels : nil)
    return LoadedImages(
      images: set, paths: kept.map(\.entry.path), skipped: leftOut + skipped,
      dataset: DatasetImages(description, ["train": set]))
  }

  private func decoded(
    _ entry: Entry, shortestSide: Int?
  ) -> Result<ByteImage, RasterError> {
    let file = "\(path)/\(entry.path)"
    do {
      let image = try ByteImage.decode(file)
      if shortestSide != nil, let problem = image.narrownessProblem {
        return .failure(
          RasterError(
            operation: "read", path: file, reason: problem, remedy: "cut it into pieces"))
      }
      return .success(shortestSide.map { image.scaled(shortestSide: $0) } ?? image)
    } catch let error as RasterError {
      return .failure(error)
    } catch {
      return .failure(
        RasterError(
          operation: "read", path: file, reason: "\(error)", remedy: "get the file again"))
    }
  }

  /// Looks through the folder: images a class, which cannot be read, what else is there. Decodes
  /// every image, since only that tells.
  public func check(
    threads: Int, observe: (_ done: Int) throws -> Void = { _ in }
  ) throws -> DatasetReport {
    var counts = [Int](repeating: 0, count: classNames.count)
    var usable = 0
    var problems: [DatasetReport.Problem] = []
    let decoding = OrderedPipeline(count: entries.count, ahead: 4 * threads, threads: threads) {
      { number -> RasterError? in
        if case .failure(let error) = decoded(entries[number], shortestSide: nil) { return error }
        return nil
      }
    }
    while let failure = try decoding.next() {
      let entry = entries[usable + problems.count]
      if let failure {
        problems.append(.init(path: "\(path)/\(entry.path)", reason: failure.reason))
      } else {
        usable += 1
        if let label = entry.label { counts[Int(label)] += 1 }
      }
      try observe(usable + problems.count)
    }
    problems += leftOut
    problems += withoutClass.map {
      .init(path: "\(path)/\($0)", reason: "it lies beside the class folders and has no class")
    }
    return DatasetReport(
      name: "images", path: path,
      splits: [
        .init(
          name: "train", images: usable, publishedImages: nil,
          classes: zip(classNames, counts).map { .init(name: $0, images: $1) }, files: [],
          missing: [])
      ], problems: problems, otherFiles: otherFiles)
  }
}
