import IIC
import Raster
import Seg

/// What a person should know of rasters that are labelled, though nothing is wrong with any file.
struct SegmentationWarnings {
  /// Above this share of a raster's pixels, one class is as good as all of it.
  private static let nearlyAll = 0.99
  /// Above this share of partly transparent pixels, a band is no transparency.
  private static let partlyTransparent = 0.2

  /// The model from a file; nil where one is learned.
  let model: SegmentationModel?
  let targets: [SegmentationJob.Target]
  let console: Console

  /// Says what the files' descriptions show before anything is computed.
  func sayBefore() throws {
    let descriptions = try targets.map { try RasterFile.open($0.input.path).description }
    if let model, !model.file.configuration.batchNormTracking {
      console.warn(
        "the model normalises by the statistics of what it sees at once: labels depend on --tile, "
          + "and tiles may show")
    }
    for (target, description) in zip(targets, descriptions) {
      if description.geoTransform == nil, description.hasGroundControlPoints {
        console.warn(
          "\(description.path) is placed by ground control points, which its label map will not "
            + "have: gdalwarp \(description.path) placed.tif gives it a grid")
      }
      console.detail(
        "\(description.path): bands "
          + bands(of: target.input, description).map { "\($0.index) (\($0.name))" }
          .joined(separator: ", "))
      try sayAlpha(of: target.input, description)
      if let model { sayOrder(of: target.input, description, model) }
    }
    if model == nil { sayTypes(zip(targets, descriptions).map { bands(of: $0.input, $1) }) }
  }

  /// Inputs that are learned from together are scaled together, whatever their units.
  private func sayTypes(_ bands: [[BandDescription]]) {
    let types = bands.map { $0.first?.dataType }
    guard let first = types.first, let other = types.firstIndex(where: { $0 != first }),
      let one = first, let two = types[other]
    else { return }
    console.warn(
      "\(targets[0].input.path) holds \(one.rawValue) and \(targets[other].input.path) "
        + "\(two.rawValue): bands are scaled for all inputs together, so their units should be the "
        + "same")
  }

  private func bands(of input: RasterInput, _ description: RasterDescription) -> [BandDescription] {
    (input.bands ?? description.dataBandIndices).map { description.bands[$0 - 1] }
  }

  /// The fourth of four bands is often infra-red, and declared as transparency by the program that
  /// wrote it. Transparency is nearly everywhere none at all or full.
  private func sayAlpha(of input: RasterInput, _ description: RasterDescription) throws {
    guard input.bands == nil, let alpha = description.bandIndex(showing: .alpha) else { return }
    let (width, height) = (min(256, description.width), min(256, description.height))
    let middle = Window(
      column: (description.width - width) / 2, row: (description.height - height) / 2,
      width: width, height: height)
    let values = try RasterFile.open(input.path).read(middle, bands: [alpha]).values
    guard let most = values.max(), most > 0 else { return }
    let partly = values.count { $0 > 0 && $0 < most }
    guard Double(partly) > Self.partlyTransparent * Double(values.count) else { return }
    let all = description.bands.map { String($0.index) }.joined(separator: ",")
    console.warn(
      "band \(alpha) of \(description.path) is declared as transparency and left out, though it looks "
        + "like data: --bands \(all) takes it in")
  }

  /// Bands go to the network by their places, whatever they are called.
  private func sayOrder(
    of input: RasterInput, _ description: RasterDescription, _ model: SegmentationModel
  ) {
    let bands = bands(of: input, description)
    let (names, wanted) = (bands.map(\.name), model.bands.map(\.name))
    guard names != wanted, names.sorted() == wanted.sorted(), Set(names).count == names.count
    else { return }
    let order = wanted.compactMap { name in bands.first { $0.name == name }?.index }
    console.warn(
      "the bands of \(description.path) are \(names.joined(separator: ", ")) where the model takes "
        + "\(wanted.joined(separator: ", ")): --bands \(order.map(String.init).joined(separator: ","))"
        + " would give them in that order")
  }

  /// Says what the finished labels show.
  func say(of raster: SegmentationReport.LabelledRaster) {
    guard raster.classes.contains(where: { $0.pixels > 0 }) else {
      console.warn("no pixel of \(raster.input) holds data: \(raster.labels) is all nodata")
      return
    }
    guard let largest = raster.classes.first(where: { $0.share > Self.nearlyAll }) else { return }
    let advice =
      model == nil && targets.count == 1
      ? "look for values that mark missing data (--nodata), or ask for more classes"
      : "compare its bands, their units and order with those learned from (iic inspect)"
    console.warn(
      "nearly all of \(raster.input) is \(largest.name): if it should not be, \(advice)")
  }
}
