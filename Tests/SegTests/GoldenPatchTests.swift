import Foundation
import Raster
import TestSupport
import Testing

@testable import Seg

/// Every published path from an image to what the network sees, against OpenCV, PIL, torchvision
/// and PyTorch: within one grey level, labels exactly.
@Suite struct GoldenPatchTests {
  private let golden: GoldenFile

  static var folder: URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(component: "Golden")
  }

  init() throws { golden = try GoldenFile("patches", in: Self.folder) }

  private func image(_ name: String) -> ByteImage {
    let tensor = golden[name]
    return ByteImage(
      width: tensor.shape[1], height: tensor.shape[0], channels: tensor.shape[2],
      pixels: tensor.values.map { UInt8($0) })
  }

  private func labels(_ name: String) -> [UInt8] { golden[name].values.map { UInt8($0) } }

  /// The largest difference, in grey levels; `scale` brings golden values to levels.
  private func expectClose(
    _ made: [Float], _ name: String, levels: Float = 1, scale: Float = 1,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let wanted = golden[name].values
    #expect(made.count == wanted.count, "\(name)", sourceLocation: sourceLocation)
    let farthest = zip(made, wanted).map { abs($0 - $1 * scale) }.max() ?? .infinity
    #expect(
      farthest <= levels, "\(name): \(farthest) levels", sourceLocation: sourceLocation)
  }

  @Test func tilesAreHalved() {
    #expect(image("tile").halved() == image("tile.halved"))
    let tile = golden["tile.labels"]
    let halved = LabelImage(
      width: tile.shape[1], height: tile.shape[0], values: labels("tile.labels")
    ).scaled(by: 0.5)
    #expect(halved.values == labels("tile.labels_halved"))
  }

  private struct BlockCase: Sendable, CustomTestStringConvertible {
    let name: String
    let map: PlaneMap?
    let flips: Bool
    var testDescription: String { name }
  }

  /// The published map of an angle, a shear and a scale.
  private static func map(degrees: Double, shear: Double, scale: Double) -> PlaneMap {
    let (angle, sheared) = (degrees * .pi / 180, (degrees + shear) * .pi / 180)
    return PlaneMap(
      xx: Float(scale * cos(angle)), xy: Float(-scale * sin(sheared)),
      yx: Float(scale * sin(angle)), yy: Float(scale * cos(sheared)))
  }

  private static let blockCases = [
    BlockCase(name: "plain", map: nil, flips: false),
    BlockCase(name: "flip", map: nil, flips: true),
    BlockCase(name: "affine", map: map(degrees: 17, shear: -6, scale: 1.1), flips: true),
  ]

  @Test(arguments: blockCases) private func blocksOfPotsdam(_ own: BlockCase) {
    let views = PublishedPatchViews(
      side: 40, jitter: PhotometricJitter(bands: .visible(red: 0, green: 1, blue: 2)),
      masksByLabels: false)
    let block = PatchImage(name: "block", image: image("block"), labels: nil)
    let pair = views.pair(
      of: block,
      .init(
        column: 0, row: 0,
        changes: [[.hue(-0.07), .contrast(1.08), .brightness(0.92), .saturation(1.05)]],
        map: own.map, flips: own.flips))
    expectClose(pair.first.values.map { $0 * 255 }, "block.\(own.name).first", levels: 1e-3)
    // These are stored as 0…1.
    expectClose(pair.second.values.map { $0 * 255 }, "block.\(own.name).second", scale: 255)
    expectClose(pair.matrix, "block.\(own.name).matrix", levels: 1e-5)
    #expect(pair.mask == [Float](repeating: 1, count: 1600))
    // Infra-red is never jittered.
    if own.map == nil, !own.flips {
      let infraRed = stride(from: 3, to: pair.first.values.count, by: 4)
      #expect(infraRed.allSatisfy { pair.first.values[$0] == pair.second.values[$0] })
    }
  }

  /// What is stored as 0 has no label; of the fine classes, from 1, those from 92 on are kept here.
  private func photo() -> PatchImage {
    PatchImage(
      name: "photo", image: image("photo"),
      labels: labels("photo.labels").map { $0 >= 92 ? $0 - 1 : PatchImage.noLabel })
  }

  private var photoViews: PublishedPatchViews {
    var views = PublishedPatchViews(
      side: 32, jitter: PhotometricJitter(bands: .visible(red: 0, green: 1, blue: 2)),
      masksByLabels: true)
    views.scale = 0.33
    return views
  }

  @Test(arguments: [("plain", nil, 5, 0), ("random", 1.37, 11, 9), ("small", 0.71, 0, 0)])
  func photographsOfCOCOStuff(name: String, factor: Double?, row: Int, column: Int) {
    let pair = photoViews.pair(
      of: photo(),
      .init(
        randomScale: factor, column: column, row: row,
        changes: [[.saturation(1.37), .brightness(0.65), .contrast(1.21), .hue(0.11)]],
        flips: true))
    expectClose(pair.first.values.map { $0 * 255 }, "photo.\(name).first")
    expectClose(pair.second.values.map { $0 * 255 }, "photo.\(name).second")
    expectClose(pair.matrix, "photo.\(name).matrix", levels: 0)
    #expect(pair.mask.map { UInt8($0) } == labels("photo.\(name).mask"))
    let bytes = ByteImage(
      width: 32, height: 32, channels: 3,
      pixels: pair.first.values.map { UInt8(($0 * 255).rounded()) })
    expectClose(bytes.inGrey().pixels.map { Float($0) }, "photo.\(name).grey")
  }

  @Test func photographsToScore() {
    let scaled = FloatImage(image("photo")).scaled(by: 0.33)
    #expect([scaled.height, scaled.width, scaled.channels] == golden["photo.scaled"].shape)
    expectClose(scaled.values, "photo.scaled", levels: 1e-3)
    let scoring = photoViews.scoring(of: photo())
    expectClose(scoring.values.map { $0 * 255 }, "photo.scoring", levels: 1e-3, scale: 255)
    let wanted = labels("photo.scoring_labels").map { $0 >= 92 ? $0 - 1 : PatchImage.noLabel }
    #expect(scoring.labels == wanted)
  }
}
