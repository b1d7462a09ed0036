import Classify
import Foundation
import Raster
import TestSupport
import Testing

/// Every transform against PIL and torchvision: the values of 8 bits are equal, not merely near.
@Suite struct GoldenViewTests {
  private static let names = ["digit", "photo", "wide"]
  private let golden: GoldenFile

  init() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(component: "Golden")
    golden = try GoldenFile("views", in: folder)
  }

  private func image(_ name: String) -> ByteImage {
    let tensor = golden[name]
    return ByteImage(
      width: tensor.shape[1], height: tensor.shape[0], channels: tensor.shape[2],
      pixels: tensor.values.map { UInt8($0) })
  }

  private func expectEqual(
    _ made: ByteImage, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let wanted = image(name)
    let shape: [Int] = [made.height, made.width, made.channels]
    let wantedShape: [Int] = golden[name].shape
    #expect(shape == wantedShape, "\(name)", sourceLocation: sourceLocation)
    let differences = zip(made.pixels, wanted.pixels).map { abs(Int($0) - Int($1)) }
    #expect(
      differences.allSatisfy { $0 == 0 },
      "\(name): \(differences.count { $0 > 0 }) of \(differences.count) differ, by up to \(differences.max() ?? 0)",
      sourceLocation: sourceLocation)
  }

  /// The numbers at the ends of the golden names that begin so.
  private func parameters(_ prefix: String) -> [(name: String, value: Double)] {
    golden.tensors.keys.filter { $0.hasPrefix(prefix) }.sorted().compactMap { name in
      Double(name.dropFirst(prefix.count)).map { (name, $0) }
    }
  }

  @Test(arguments: names) func crops(name: String) {
    let source = image(name)
    expectEqual(
      source.cropped(to: PixelBox(column: 5, row: 3, width: 16, height: 20)), "\(name).crop")
    expectEqual(
      source.cropped(to: PixelBox(column: 20, row: -4, width: 30, height: 24)),
      "\(name).crop_beyond")
    expectEqual(source.cropped(to: source.centreBox(side: 20)), "\(name).centre")
    expectEqual(source.cropped(to: source.centreBox(side: 21)), "\(name).centre_odd")
    expectEqual(source.flipped(), "\(name).flip")
    expectEqual(
      source.cuttingOut(PixelBox(column: 6, row: 2, width: 12, height: 12)), "\(name).cutout")
    for (number, crop) in source.tenCrops(side: 17).enumerated() {
      expectEqual(crop, "\(name).ten_crop_\(number)")
    }
  }

  @Test(arguments: names) func resizing(name: String) {
    for (height, width) in [(24, 24), (16, 40), (13, 7)] {
      expectEqual(
        image(name).resized(width: width, height: height), "\(name).resize_\(height)_\(width)")
    }
    expectEqual(image(name).scaled(shortestSide: 24), "\(name).shortest_24")
  }

  @Test(arguments: names) func rotation(name: String) {
    let angles = parameters("\(name).rotate_")
    #expect(angles.count == 9)
    for angle in angles { expectEqual(image(name).rotated(degrees: angle.value), angle.name) }
  }

  @Test(arguments: names) func colour(name: String) {
    let source = image(name)
    expectEqual(source.inGrey(), "\(name).grey")
    let kinds: [(String, (Double) -> ColourChange)] = [
      ("brightness", ColourChange.brightness), ("contrast", ColourChange.contrast),
      ("saturation", ColourChange.saturation), ("hue", ColourChange.hue),
    ]
    for (kind, step) in kinds {
      let factors = parameters("\(name).\(kind)_")
      #expect(factors.count >= 5)
      for factor in factors { expectEqual(source.jittered([step(factor.value)]), factor.name) }
    }
  }

  @Test(arguments: names) func affineMaps(name: String) {
    let source = image(name)
    let cases: [(degrees: Double, columns: Double, rows: Double, scale: Double, shear: Double)] = [
      (0, 0, 0, 1, 0), (18, 3, -2, 1.1, 10), (-11.3, -3, 1, 0.9, -7.5), (5, 0, 2, 1.05, 3),
    ]
    for (number, parameters) in cases.enumerated() {
      let map = RandomAffine.map(
        degrees: parameters.degrees, columns: parameters.columns, rows: parameters.rows,
        scale: parameters.scale, shear: parameters.shear, width: source.width,
        height: source.height)
      expectEqual(source.warped(by: map), "\(name).affine_\(number)")
    }
  }

  @Test func wholeChains() {
    let digit = image("digit")
    expectEqual(
      digit.rotated(degrees: -17.25)
        .cropped(to: PixelBox(column: 7, row: 2, width: 16, height: 16))
        .resized(width: 24, height: 24)
        .jittered([.hue(0.1), .contrast(1.3), .saturation(0.7), .brightness(0.8)]),
      "chain.greyscale_second")
    expectEqual(GreyscaleViews().scoring(digit), "chain.greyscale_scoring")

    let photo = image("photo")
    expectEqual(
      photo.cropped(to: PixelBox(column: 1, row: 9, width: 20, height: 20))
        .resized(width: 32, height: 32).flipped()
        .jittered([.saturation(1.37), .hue(-0.11), .brightness(0.65), .contrast(1.21)]).inGrey(),
      "chain.sobel_second")
    expectEqual(SobelViews(inputSize: 32, cropSize: 20).scoring(photo), "chain.sobel_scoring")

    let crop = image("large").cropped(to: PixelBox(column: 11, row: 30, width: 64, height: 64))
    let map = RandomAffine.map(
      degrees: -9.5, columns: 4, rows: -6, scale: 0.95, shear: 8.25, width: 64, height: 64)
    expectEqual(
      crop.warped(by: map).cuttingOut(PixelBox(column: 10, row: 20, width: 30, height: 30))
        .flipped()
        .jittered([.contrast(0.77), .brightness(1.33), .hue(0.07), .saturation(0.61)]).inGrey(),
      "chain.semi_supervised")
  }
}
