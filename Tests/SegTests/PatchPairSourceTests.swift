import IIC
import Raster
import Tensor
import TestSupport
import Testing

@testable import Seg

@Suite struct PatchPairSourceTests {
  private let folder: PatchFixture

  init() throws { folder = try PatchFixture() }

  private func archive() throws -> PatchDataset {
    try folder.archive()
    return try PatchDataset.potsdam(at: folder.folder, isCoarse: true)
  }

  private func views(_ side: Int, of dataset: PatchDataset) -> PublishedPatchViews {
    PublishedPatchViews(
      side: side, jitter: PhotometricJitter(bands: dataset.jitterBands),
      masksByLabels: dataset.masksByLabels)
  }

  private func source(
    _ dataset: PatchDataset, side: Int = 16, pairs: Int = 4, repeats: Int = 1, threads: Int = 2,
    seed: UInt64 = 3
  ) -> PatchPairSource {
    PatchPairSource(
      dataset, lists: dataset.listNames, views: views(side, of: dataset), pairs: pairs,
      repeats: repeats, threads: threads, generator: SeededGenerator(seed: seed))
  }

  private func pass(_ source: inout PatchPairSource) throws -> [PairBatch] {
    source.beginPass(part: 0)
    var batches: [PairBatch] = []
    while let batch = try source.nextBatch() { batches.append(batch) }
    return batches
  }

  /// Which of the archive's blocks a first view comes from: its infra-red is 120 more than its red,
  /// and its red less five times the column and the row, the block's number, wherever it was cropped.
  private func blocks(_ batches: [PairBatch], whole side: Int) -> [Int] {
    batches.flatMap { batch in
      (0..<batch.first.shape[0]).map { image in
        Int((batch.first.values[image * side * side * 4] * 255).rounded())
      }
    }
  }

  @Test func everyImageOnceAPass() throws {
    let dataset = try archive()
    var one = source(dataset, side: 20)
    #expect(one.pairs(inPart: 0) == 6 && one.pairs(inPart: 1) == 6)
    let passes = try (0..<3).map { _ in try pass(&one) }
    #expect(passes[0].map(\.pairs) == [4, 2])
    let orders = passes.map { blocks($0, whole: 20) }
    #expect(orders.allSatisfy { $0.sorted() == Array(0..<6) })
    #expect(Set(orders).count > 1, "never shuffled")
    // With repeats the lists' order stays.
    var two = source(dataset, side: 20, pairs: 4, repeats: 2)
    let repeated = try pass(&two)
    #expect(repeated.map(\.pairs) == [4, 4, 4] && two.pairs(inPart: 0) == 12)
    #expect(blocks(repeated, whole: 20) == [0, 1, 4, 2, 3, 5])
  }

  @Test func threadsDoNotMatterAndStatesGoOn() throws {
    let dataset = try archive()
    var (one, many) = (source(dataset, threads: 1), source(dataset, threads: 3))
    _ = try pass(&one)
    let state = one.generator
    let later = try pass(&one)
    _ = try pass(&many)
    let other = try pass(&many)
    var resumed = PatchPairSource(
      dataset, lists: dataset.listNames, views: views(16, of: dataset), pairs: 4, repeats: 1,
      threads: 2, generator: state)
    let again = try pass(&resumed)
    for batches in [other, again] {
      #expect(batches.map(\.first.values) == later.map(\.first.values))
      #expect(batches.map(\.second.values) == later.map(\.second.values))
      #expect(batches.map { $0.matrices?.values } == later.map { $0.matrices?.values })
    }
  }

  @Test func matricesBringTheSecondViewBack() throws {
    let dataset = try archive()
    var plain = views(16, of: dataset)
    plain.jitter = nil
    var source = PatchPairSource(
      dataset, lists: dataset.listNames, views: plain, pairs: 6, repeats: 1, threads: 1,
      generator: SeededGenerator(seed: 5))
    let batch = try #require(try pass(&source).first)
    let matrices = try #require(batch.matrices)
    let workers = Workers(threads: 1)
    let back = AffineSampling.forward(batch.second, matrices: matrices, on: workers)
    expectClose(back.values, batch.first.values, absolute: 1e-5, relative: 0)
    let flips = (0..<6).map { matrices.values[$0 * 6] }
    #expect(Set(flips) == [1, -1] && batch.mask == nil)
  }

  @Test func repeatsShareTheFirstViewAndNotTheSecond() throws {
    var source = source(try archive(), pairs: 4, repeats: 2)
    let batch = try #require(try pass(&source).first)
    #expect(batch.repeats == 2 && batch.first.shape[0] == 2 && batch.second.shape[0] == 4)
    let count = batch.second.count / 2
    #expect(batch.second.values[..<count] != batch.second.values[count...])
  }

  @Test func thingsAreMaskedOut() throws {
    try folder.cocoStuff()
    let dataset = try PatchDataset.cocoStuff(at: folder.folder, classes: .few)
    var source = PatchPairSource(
      dataset, lists: ["train"], views: views(64, of: dataset), pairs: 2, repeats: 1, threads: 1,
      generator: SeededGenerator(seed: 1))
    let batch = try #require(try pass(&source).first)
    let mask = try #require(batch.mask)
    #expect(mask.shape == [2, 64, 64, 1])
    // 60 × 40 pixels in the middle of 64 × 64, of which columns 20…49 have classes that count.
    for row in 0..<64 {
      for column in 0..<64 {
        let isKept = (12..<52).contains(row) && (22..<52).contains(column)
        #expect(mask.values[row * 64 + column] == (isKept ? 1 : 0))
      }
    }
  }

  @Test func errorsOfImagesEndThePass() throws {
    let dataset = try archive()
    try folder.write("nothing", to: "imgs/3.mat")
    var source = source(dataset)
    #expect(throws: RasterError.self) { try pass(&source) }
  }
}
