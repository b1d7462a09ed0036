import Classify
import IIC
import Raster
import Tensor
import Testing

@Suite struct ImagePairSourceTests {
  /// Views that say which image they are of, and whether they were drawn alike.
  private struct Marked: ImageViews {
    let inputSize = 1
    let shortestSide = 1
    func channels(ofImagesWith imageChannels: Int) -> Int { 3 }
    private func mark(_ image: ByteImage, _ kind: UInt8, _ random: UInt8) -> ByteImage {
      ByteImage(width: 1, height: 1, channels: 3, pixels: [image.pixels[0], kind, random])
    }
    func first(_ image: ByteImage, using generator: inout SeededGenerator) -> ByteImage {
      mark(image, 1, UInt8(truncatingIfNeeded: generator.next()))
    }
    func second(_ image: ByteImage, using generator: inout SeededGenerator) -> ByteImage {
      mark(image, 2, UInt8(truncatingIfNeeded: generator.next()))
    }
    func scoring(_ image: ByteImage) -> ByteImage { mark(image, 3, 0) }
    func preparation(shortestSide: Int) throws -> ImagePreparation {
      try ImagePreparation(shortestSide: shortestSide, cropSize: 1, greyFirst: false)
    }
  }

  private func images(_ count: Int, side: Int = 1, channels: Int = 1) -> ImageSet {
    ImageSet(
      (0..<count).map { number in
        ByteImage(
          width: side, height: side, channels: channels,
          pixels: (0..<side * side * channels).map { UInt8(truncatingIfNeeded: number + $0 * 7) })
      })
  }

  private func bytes(_ tensor: Tensor) -> [[Int]] {
    let values = tensor.values.map { Int(($0 * 255).rounded()) }
    return stride(from: 0, to: values.count, by: 3).map { Array(values[$0..<$0 + 3]) }
  }

  private func pass(_ source: inout ImagePairSource) throws -> [PairBatch] {
    source.beginPass(part: 0)
    var batches: [PairBatch] = []
    while let batch = try source.nextBatch() { batches.append(batch) }
    return batches
  }

  @Test func `triplets have other images, all of them once a pass, in an order drawn anew`() throws
  {
    func source(seed: UInt64, withOthers: Bool = true) throws -> ImagePairSource {
      try ImagePairSource(
        [images(10)], named: "ten", views: Marked(), pairs: 4, repeats: 1, withOthers: withOthers,
        threads: 2, generator: SeededGenerator(seed: seed))
    }
    var (one, two, pairs) = (
      try source(seed: 4), try source(seed: 4), try source(seed: 4, withOthers: false)
    )
    func others(_ batches: [PairBatch]) -> [[Int]] { batches.flatMap { bytes($0.others!) } }
    let batches = try pass(&one)
    #expect(batches.flatMap { bytes($0.first).map { $0[0] } } == Array(0..<10))
    #expect(batches.map { $0.others!.shape[0] } == [4, 4, 2])
    let first = others(batches)
    #expect(first.map { $0[0] } != Array(0..<10) && Set(first.map { $0[0] }) == Set(0..<10))
    #expect(first.allSatisfy { $0[1] == 1 })
    // The same from a seed, another order in the next pass, none where they are not asked for.
    #expect(others(try pass(&two)) == first)
    #expect(others(try pass(&one)).map { $0[0] } != first.map { $0[0] })
    #expect(try pass(&pairs).allSatisfy { $0.others == nil })
  }

  @Test func `batches follow the images' order, with repeats, the last one smaller`() throws {
    var source = try ImagePairSource(
      [images(10)], named: "ten", views: Marked(), pairs: 12, repeats: 3, threads: 2,
      generator: SeededGenerator(seed: 4))
    #expect(source.batches(inPart: 0) == 3)
    #expect(try source.nextBatch() == nil)
    let batches = try pass(&source)
    #expect(batches.map(\.first.shape) == [[4, 1, 1, 3], [4, 1, 1, 3], [2, 1, 1, 3]])
    #expect(batches.map(\.second.shape) == [[12, 1, 1, 3], [12, 1, 1, 3], [6, 1, 1, 3]])
    for (number, batch) in batches.enumerated() {
      let (first, second) = (bytes(batch.first), bytes(batch.second))
      let range = number * 4..<min(number * 4 + 4, 10)
      // One first view of each image, and three times a second view, one repeat after the other.
      let size = range.count
      #expect(first.map { $0[0] } == Array(range))
      #expect(second.map { $0[0] } == (0..<3).flatMap { _ in Array(range) })
      #expect(first.allSatisfy { $0[1] == 1 } && second.allSatisfy { $0[1] == 2 })
      #expect(Array(second[0..<size]) != Array(second[size..<2 * size]))
      #expect(batch.repeats == 3 && batch.pairs == 3 * size)
      #expect(batch.matrices == nil && batch.mask == nil)
    }
  }

  @Test func `parts of an epoch may have images of their own`() throws {
    var source = try ImagePairSource(
      [images(5), images(9)], named: "parts", views: Marked(), pairs: 4, repeats: 1, threads: 1,
      generator: SeededGenerator(seed: 4))
    #expect((0...1).map { source.batches(inPart: $0) } == [2, 3])
    for (part, count) in [5, 9].enumerated() {
      source.beginPass(part: part)
      var seen = 0
      while let batch = try source.nextBatch() { seen += batch.pairs }
      #expect(seen == count)
    }
  }

  @Test func `a seed gives the same batches whatever the threads, and another pass others`() throws
  {
    func source(threads: Int, seed: UInt64 = 9) throws -> ImagePairSource {
      try ImagePairSource(
        [images(37, side: 28)], named: "images", views: GreyscaleViews(), pairs: 10, repeats: 2,
        threads: threads, generator: SeededGenerator(seed: seed))
    }
    func values(_ batches: [PairBatch]) -> [[Float]] {
      batches.flatMap { [$0.first.values, $0.second.values] }
    }
    var one = try source(threads: 1)
    var four = try source(threads: 4)
    let first = values(try pass(&one))
    #expect(first == values(try pass(&four)))
    #expect(first.count == 16)
    let state = one.generator
    let second = values(try pass(&one))
    #expect(second != first)
    #expect(second == values(try pass(&four)))
    // From the state kept between passes, a pass is made again.
    var resumed = try ImagePairSource(
      [images(37, side: 28)], named: "images", views: GreyscaleViews(), pairs: 10, repeats: 2,
      threads: 3, generator: state)
    #expect(values(try pass(&resumed)) == second)
    var other = try source(threads: 1, seed: 10)
    #expect(values(try pass(&other)) != first)
    // A pass given up in the middle does not disturb the next.
    var hasty = try source(threads: 2)
    hasty.beginPass(part: 0)
    _ = try hasty.nextBatch()
    #expect(values(try pass(&hasty)) == second)
  }

  @Test func `views are numbers from 0 to 1 of the chain's shape`() throws {
    let colour = images(4, side: 32, channels: 3)
    var views = SobelViews(inputSize: 24, cropSize: 20)
    var source = try ImagePairSource(
      [colour], named: "colour", views: views, pairs: 4, repeats: 1, threads: 1,
      generator: SeededGenerator(seed: 1))
    let grey = try #require(try pass(&source).first)
    #expect(grey.first.shape == [4, 24, 24, 1] && grey.second.shape == [4, 24, 24, 1])
    views.includesRGB = true
    source = try ImagePairSource(
      [colour], named: "colour", views: views, pairs: 4, repeats: 1, threads: 1,
      generator: SeededGenerator(seed: 1))
    let batch = try #require(try pass(&source).first)
    #expect(batch.second.shape == [4, 24, 24, 3])
    for tensor in [grey.first, grey.second, batch.first, batch.second] {
      #expect(tensor.values.allSatisfy { (0...1).contains($0) })
      #expect(Set(tensor.values).count > 20)
    }
  }

  @Test func `images smaller than a crop are refused before anything is made`() throws {
    let error = try #require(
      try refusal {
        _ = try ImagePairSource(
          [images(3, side: 18)], named: "small", views: GreyscaleViews(), pairs: 3, repeats: 1,
          threads: 1, generator: SeededGenerator(seed: 0))
      })
    #expect(error.description.contains("18 pixels") && error.description.contains("24"))
    #expect(
      try refusal {
        _ = try ImageBatches(
          images(3, side: 18), named: "small", views: SobelViews(inputSize: 32, cropSize: 20),
          size: 2, threads: 1)
      } != nil)
  }

  @Test func `scoring batches cover all images in order`() throws {
    let batches = try ImageBatches(
      images(11), named: "eleven", views: Marked(), size: 4, threads: 3)
    var seen: [Int] = []
    var ranges: [Range<Int>] = []
    while let batch = try batches.next() {
      ranges.append(batch.range)
      #expect(batch.views.shape == [batch.range.count, 1, 1, 3])
      seen += bytes(batch.views).map { $0[0] }
    }
    #expect(seen == Array(0..<11))
    #expect(ranges == [0..<4, 4..<8, 8..<11])
  }
}
