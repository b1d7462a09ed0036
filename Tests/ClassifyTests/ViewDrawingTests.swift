import Classify
import Raster
import Tensor
import Testing

/// What is drawn at random: ranges, frequencies, and that the seed says it all.
@Suite struct ViewDrawingTests {
  private func noise(side: Int, channels: Int) -> ByteImage {
    var generator = SeededGenerator(seed: 11)
    return ByteImage(
      width: side, height: side, channels: channels,
      pixels: (0..<side * side * channels).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
  }

  @Test func `jitter draws four steps within their strengths, in every order`() {
    var generator = SeededGenerator(seed: 3)
    var orders = Set<String>()
    for _ in 0..<600 {
      var names = ""
      for step in ColourJitter().draw(using: &generator) {
        switch step {
        case .brightness(let factor):
          #expect((0.6 - 1e-6...1.4 + 1e-6).contains(factor))
          names += "b"
        case .contrast(let factor):
          #expect((0.6 - 1e-6...1.4 + 1e-6).contains(factor))
          names += "c"
        case .saturation(let factor):
          #expect((0.6 - 1e-6...1.4 + 1e-6).contains(factor))
          names += "s"
        case .hue(let turn):
          #expect((-0.125...0.125).contains(turn))
          names += "h"
        }
      }
      orders.insert(names)
    }
    #expect(orders.count == 24)
  }

  @Test func `on a grey image saturation and hue do nothing`() {
    let grey = noise(side: 9, channels: 1)
    #expect(grey.jittered([.saturation(0.3), .hue(0.4)]) == grey)
    #expect(grey.jittered([.brightness(1), .contrast(1)]) == grey)
    let colour = noise(side: 9, channels: 3)
    #expect(colour.jittered([.saturation(1), .brightness(1), .contrast(1)]) == colour)
  }

  @Test func `affine maps stay within their ranges`() {
    var generator = SeededGenerator(seed: 8)
    let still = RandomAffine(degrees: 0, translation: 0, scale: 1...1, shear: 0)
    let none = still.draw(width: 20, height: 12, using: &generator)
    #expect(none == AffineMap(1, 0, 0, 0, 1, 0))
    let moving = RandomAffine(degrees: 0, translation: 0.1, scale: 1...1, shear: 0)
    var moves = Set<Double>()
    for _ in 0..<300 {
      let map = moving.draw(width: 60, height: 60, using: &generator)
      #expect([map.a, map.b, map.d, map.e] == [1, 0, 0, 1])
      #expect(map.c == map.c.rounded() && abs(map.c) <= 6 && abs(map.f) <= 6)
      moves.insert(map.c)
    }
    #expect(moves.count == 13)
    for _ in 0..<100 {
      let map = RandomAffine().draw(width: 64, height: 64, using: &generator)
      // The determinant of the inverse: 1 / (scale² · cos shear).
      let size = map.a * map.e - map.b * map.d
      #expect((1 / 1.21 - 1e-6...1 / (0.81 * 0.984) + 1e-3).contains(size))
    }
  }

  @Test func `greyscale views: half the first crops are central, half the second turned`() {
    var views = GreyscaleViews()
    views.inputSize = 20
    views.secondCropSizes = []
    views.jitter = nil
    let image = noise(side: 20, channels: 1)
    let larger = noise(side: 28, channels: 1)
    let centre = larger.cropped(to: larger.centreBox(side: 20))
    var generator = SeededGenerator(seed: 5)
    var central = 0
    var still = 0
    for _ in 0..<400 {
      if views.first(larger, using: &generator) == centre { central += 1 }
      if views.second(image, using: &generator) == image { still += 1 }
    }
    // 1 in 81 of the random crops is central too.
    #expect((160...240).contains(central))
    #expect((160...240).contains(still))
    #expect(views.scoring(larger) == centre)
    views.alwaysRotates = true
    // Turned by less than three degrees, every nearest pixel is still the same.
    let unturned = (0..<400).count { _ in views.second(image, using: &generator) == image }
    #expect(unturned < 80)
    #expect(GreyscaleViews().shortestSide == 24)
    // Colours become grey first.
    #expect(views.scoring(larger.inColour()) == centre)
  }

  @Test func `second crops are of every listed size`() {
    var views = GreyscaleViews()
    views.rotation = 0
    views.jitter = nil
    views.inputSize = 16
    views.secondCrop = .centre
    let image = noise(side: 28, channels: 1)
    let wanted = [16, 20, 24].map {
      image.cropped(to: image.centreBox(side: $0)).resized(width: 16, height: 16)
    }
    var counts = [0, 0, 0]
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<300 {
      let view = views.second(image, using: &generator)
      if let size = wanted.firstIndex(of: view) { counts[size] += 1 }
    }
    #expect(counts.reduce(0, +) == 300 && counts.allSatisfy { $0 > 60 })
  }

  @Test func `Sobel views: flips, cutout and warps as often as told`() {
    var views = SobelViews(inputSize: 20, cropSize: 20)
    views.jitter = ColourJitter(brightness: 0, contrast: 0, saturation: 0, hue: 0)
    let image = noise(side: 20, channels: 3)
    var generator = SeededGenerator(seed: 7)
    let (plain, flipped) = (image.inGrey(), image.flipped().inGrey())
    var counts = (plain: 0, flipped: 0)
    for _ in 0..<300 {
      // A hue turned by 0 is quantised by HSV of 8 bits, and only near.
      let view = views.second(image, using: &generator)
      func near(_ other: ByteImage) -> Bool {
        zip(view.pixels, other.pixels).allSatisfy { abs(Int($0) - Int($1)) < 12 }
      }
      if near(plain) { counts.plain += 1 } else if near(flipped) { counts.flipped += 1 }
    }
    #expect(counts.plain + counts.flipped == 300)
    #expect((110...190).contains(counts.flipped))

    views.cutout = .init(probability: 1, largestPart: 0.5)
    let white = ByteImage(
      width: 20, height: 20, channels: 3, pixels: [UInt8](repeating: 255, count: 1200))
    var sides = Set<Int>()
    for _ in 0..<200 {
      let black = views.second(white, using: &generator).pixels.count { $0 == 0 }
      let side = Int(Double(black).squareRoot())
      #expect(side * side == black && side % 2 == 0)
      sides.insert(side)
    }
    #expect(sides == [4, 6, 8, 10])

    views.cutout = nil
    views.affine = RandomAffine()
    views.affineProbability = 1
    #expect(
      (0..<20).contains { _ in views.second(white, using: &generator).pixels.contains(0) })
    views.affine = nil
    views.fluidWarp = .init(rotation: 25, cropSizes: [12, 16])
    views.cropSize = 8
    #expect(views.shortestSide == 16)
    #expect((0..<20).allSatisfy { _ in views.second(image, using: &generator).width == 20 })
  }

  @Test func `ten crops are grey and of the input's size`() {
    let views = SobelViews(inputSize: 16, cropSize: 16)
    let image = noise(side: 24, channels: 3)
    let crops = views.tenCrops(image)
    #expect(crops.count == 10)
    #expect(crops.allSatisfy { $0.width == 16 && $0.height == 16 && $0.channels == 1 })
    #expect(crops[4] == views.scoring(image))
    #expect(crops[5] == crops[1].flipped())
    let larger = SobelViews(inputSize: 20, cropSize: 16).tenCrops(image)
    #expect(
      larger
        == crops.indices.map { index in
          image.tenCrops(side: 16)[index].resized(width: 20, height: 20).inGrey()
        })
  }

  @Test func `crops larger than the image are central with black around`() {
    let image = noise(side: 5, channels: 1)
    let crop = image.cropped(to: image.centreBox(side: 8))
    #expect(crop.cropped(to: PixelBox(column: 1, row: 1, width: 5, height: 5)) == image)
    #expect(crop.pixels.count { $0 == 0 } >= 64 - 25)
  }
}
