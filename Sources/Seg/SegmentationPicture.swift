public import IIC
public import Raster
internal import Tensor

extension SegmentationEvaluation {
  /// Images as they are scored, side by side with truth and prediction: a row an image, of the image
  /// itself, the classes of its pixels, and the classes that its clusters were given. Pixels without
  /// class are black, clusters without class grey.
  ///
  /// - Parameters:
  ///   - classOfCluster: the class of each of a sub-head's clusters; where nil, they are named by the
  ///     images shown alone.
  ///   - images: how many, taken evenly from those that are scored; fewer where there are fewer.
  ///   - colours: a colour a class.
  public func picture(
    of network: SegmentationNetwork, head: HeadName, subHead: Int, classOfCluster: [Int?]? = nil,
    images: Int, colours: [RGBColour]
  ) throws -> PNGImage {
    let all = dataset.entries(of: dataset.scoringLists(recipe.data.mode)).filter(\.isLabelled)
    let count = min(images, all.count)
    var shown: [(batch: Batch, clusters: [UInt16])] = []
    var counts = ConfusionMatrix(
      classes: dataset.classNames.count, predictions: network.clusters(of: head))
    let batches = batches(
      of: (0..<count).map { all[$0 * all.count / count] }, size: Self.largestBatch)
    while let batch = try batches.next() {
      let clusters = try Self.clusters(of: batch.views, by: network, head, on: workers)[subHead]
      counts.add(truth: batch.labels, clusters: clusters, ignoredTruth: PatchImage.noLabel)
      shown.append((batch, clusters))
    }
    let named =
      classOfCluster
      ?? ClusterConfusions(assignment: [counts]).classOfCluster(subHead: 0)

    let side = recipe.network.inputSize
    let bands = dataset.bandNames.count
    var canvas = PanelCanvas(side: side, rows: count, columns: 3)
    var row = 0
    for (batch, clusters) in shown {
      let values = batch.views.values
      for image in 0..<batch.views.shape[0] {
        let first = image * side * side
        canvas.draw(row: row, column: 0) { visible(values, at: (first + $0) * bands) }
        canvas.draw(row: row, column: 1) { pixel in
          let label = batch.labels[first + pixel]
          return label == PatchImage.noLabel ? .black : colours[Int(label)]
        }
        canvas.draw(row: row, column: 2) { pixel in
          guard batch.labels[first + pixel] != PatchImage.noLabel || !dataset.masksByLabels else {
            return .black
          }
          return named[Int(clusters[first + pixel])].map { colours[$0] } ?? .grey
        }
        row += 1
      }
    }
    return canvas.picture
  }

  /// What an eye sees of a pixel: red, green and blue where these are there, else the first bands.
  private func visible(_ values: [Float], at first: Int) -> RGBColour {
    let bands = dataset.bandNames.count
    let named = ["red", "green", "blue"].compactMap { dataset.bandNames.firstIndex(of: $0) }
    let shown = named.count == 3 ? named : bands >= 3 ? [0, 1, 2] : [0, 0, 0]
    let levels = shown.map { UInt8(min(max(values[first + $0] * 255, 0), 255).rounded()) }
    return RGBColour(red: levels[0], green: levels[1], blue: levels[2])
  }
}

extension PatchDataset {
  /// A colour a class: those of the published labels, or as many as differ most.
  public var colours: [RGBColour] {
    name == "potsdam" && classNames == Potsdam.classNames
      ? Potsdam.colours : ClassPalette.colours(count: max(classNames.count, 1))
  }
}

extension RGBColour {
  fileprivate static let black = RGBColour(red: 0, green: 0, blue: 0)
  fileprivate static let grey = RGBColour(red: 128, green: 128, blue: 128)
}

/// Square panels in rows, white between.
private struct PanelCanvas {
  private static let gap = 6
  private let side: Int
  private let width: Int
  private var pixels: [UInt8]
  private let height: Int

  init(side: Int, rows: Int, columns: Int) {
    self.side = side
    width = columns * side + (columns - 1) * Self.gap
    height = rows * side + (rows - 1) * Self.gap
    pixels = [UInt8](repeating: 255, count: width * height * 3)
  }

  mutating func draw(row: Int, column: Int, _ colour: (_ pixel: Int) -> RGBColour) {
    for line in 0..<side {
      var place = ((row * (side + Self.gap) + line) * width + column * (side + Self.gap)) * 3
      for pixel in line * side..<(line + 1) * side {
        let own = colour(pixel)
        pixels[place] = own.red
        pixels[place + 1] = own.green
        pixels[place + 2] = own.blue
        place += 3
      }
    }
  }

  var picture: PNGImage { PNGImage(width: width, height: height, channels: 3, pixels: pixels) }
}
