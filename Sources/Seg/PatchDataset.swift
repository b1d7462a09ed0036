internal import Foundation
internal import Raster

/// Images with or without a class at every pixel, in named lists, read from their files one at a
/// time.
public struct PatchDataset: Sendable {
  /// An image of a list.
  public struct Entry: Sendable, Equatable {
    /// The name it is listed by.
    public let name: String
    let image: PatchFile
    let labels: PatchFile?

    /// Whether its pixels have classes.
    public var isLabelled: Bool { labels != nil }
  }

  /// The dataset's name: `potsdam`, `coco-stuff` or `segmentation`.
  public let name: String
  /// The folder it lies in.
  public let path: String
  /// What the images' bands are called, in the order they are read in.
  public let bandNames: [String]
  /// Names of the classes, in the order of their numbers.
  public let classNames: [String]
  /// The lists' names, in their order.
  public let listNames: [String]
  /// The images of each list, in the list's order.
  public let lists: [String: [Entry]]
  /// Whether pixels without a class that is kept are kept out of the loss, as published for
  /// COCO-Stuff.
  public let masksByLabels: Bool
  /// Which bands a change of colour changes.
  public let jitterBands: PhotometricJitter.Bands
  /// Whether bands are read from the last of three to the first, as OpenCV has them.
  let readsBlueFirst: Bool
  /// The class of each value that a label file may hold.
  let labelValues: LabelValues

  /// The images of several lists, one list after the other.
  public func entries(of names: [String]) -> [Entry] { names.flatMap { lists[$0] ?? [] } }

  /// Reads an image and its labels.
  ///
  /// - Throws: `RasterError` where a file cannot be read; ``SegError`` where it has other bands than
  ///   the first image, labels of another size, or values that are no label.
  public func read(_ entry: Entry) throws -> PatchImage {
    let (image, valid) = try entry.image.image(blueFirst: readsBlueFirst)
    guard image.channels == bandNames.count else {
      throw SegError(
        operation: "use", path: entry.image.path,
        reason: "has \(image.channels) bands where \(bandNames.count) are wanted",
        remedy: "get the file again, or leave it out of the list")
    }
    let labels = try entry.labels.map { file -> [UInt8] in
      let values = try file.labels()
      guard values.width == image.width, values.height == image.height else {
        throw SegError(
          operation: "use", path: file.path,
          reason: "is \(values.width) × \(values.height) pixels where its image is "
            + "\(image.width) × \(image.height)",
          remedy: "get both files again, or leave them out of the list")
      }
      return try values.values.map { value in
        guard let label = labelValues[value] else {
          throw SegError(
            operation: "use", path: file.path, reason: "has the value \(value), which is no label",
            remedy: "get the file again, or leave it out of the list")
        }
        return label
      }
    }
    return PatchImage(name: entry.name, image: image, labels: labels, valid: valid)
  }
}

/// A file that holds an image or labels.
enum PatchFile: Sendable, Equatable {
  /// Any raster.
  case raster(String)
  /// A variable of a MAT file.
  case matlab(String, variable: String)

  var path: String {
    switch self {
    case .raster(let path), .matlab(let path, _): path
    }
  }

  /// Values [height, width], row-major.
  struct Values {
    let width: Int
    let height: Int
    let values: [Int32]
  }

  /// The bands of 8 bits, and which pixels hold data where the file says that some do not.
  func image(blueFirst: Bool) throws -> (image: ByteImage, valid: [Bool]?) {
    switch self {
    case .raster(let path):
      let file = try RasterFile.openAlone(path)
      var bands = file.description.dataBandIndices
      if blueFirst {
        bands =
          bands.count >= 3 ? [bands[2], bands[1], bands[0]] : .init(repeating: bands[0], count: 3)
      }
      try file.description.checkMeasured(bands: bands)
      let image = try file.readBytes(file.description.fullWindow, bands: bands)
      guard file.description.maskKind != .none else { return (image, nil) }
      return (image, try file.read(file.description.fullWindow, bands: bands).valid)
    case .matlab(let path, let variable):
      guard let image = try MatlabMatrix(variable, of: path).image else {
        throw SegError(
          operation: "use", path: path, reason: "has values that are not of 8 bits",
          remedy: "get the file again")
      }
      return (image, nil)
    }
  }

  func labels() throws -> Values {
    switch self {
    case .raster(let path):
      let file = try RasterFile.openAlone(path)
      let image = try file.readBytes(file.description.fullWindow, bands: [1])
      return Values(
        width: image.width, height: image.height, values: image.pixels.map { Int32($0) })
    case .matlab(let path, let variable):
      let matrix = try MatlabMatrix(variable, of: path)
      guard matrix.layers == 1 else {
        throw SegError(
          operation: "use", path: path, reason: "has labels in three dimensions",
          remedy: "get the file again")
      }
      return Values(width: matrix.columns, height: matrix.rows, values: matrix.values)
    }
  }
}

/// The class of each value of a label file: a number, ``PatchImage/noLabel``, or none at all where
/// the value is no label.
struct LabelValues: Sendable, Equatable {
  private var classes: [UInt8?] = Array(repeating: nil, count: 256)

  /// Classes of the values from `first`, and values that mean that a pixel has none.
  init(from first: Int, _ own: [UInt8], none: [Int]) {
    precondition(first + own.count <= 256, "\(own.count) labels from \(first)")
    for (index, label) in own.enumerated() { classes[first + index] = label }
    for value in none { classes[value] = PatchImage.noLabel }
  }

  subscript(value: Int32) -> UInt8? {
    (0..<256).contains(value) ? classes[Int(value)] : nil
  }
}
