import Seg
import Testing

@Suite struct DemoSceneTests {
  @Test func scenesRepeatByTheirSeed() {
    let scene = DemoScene(size: 96, seed: 1)
    let again = DemoScene(size: 96, seed: 1)
    #expect(scene.values.count == 96 * 96 * 4 && scene.truth.count == 96 * 96)
    #expect(scene.values == again.values && scene.truth == again.truth)
    #expect(scene.values != DemoScene(size: 96, seed: 2).values)
  }

  /// Every class has its share, small scenes show the whole scene's middle, and nearest mean
  /// colours, the best that any k-means with five centres can hope to start from, leave a third
  /// of the pixels wrong.
  @Test func classesShareTheSceneAndTheirColours() {
    let scene = DemoScene(seed: 0)
    let pixels = scene.truth.count
    var counts = [Int](repeating: 0, count: 6)
    for label in scene.truth { counts[Int(label)] += 1 }
    #expect(counts[0] == 0)
    for kind in DemoScene.Class.allCases {
      let share = Double(counts[Int(kind.rawValue)]) / Double(pixels)
      #expect((0.12...0.28).contains(share), "\(kind.name) \(share)")
    }

    var sums = [SIMD4<Double>](repeating: .zero, count: 6)
    func colour(_ pixel: Int) -> SIMD4<Double> {
      SIMD4((0..<4).map { Double(scene.values[pixel * 4 + $0]) })
    }
    for pixel in 0..<pixels { sums[Int(scene.truth[pixel])] += colour(pixel) }
    let means = (1...5).map { sums[$0] / Double(counts[$0]) }
    var correct = 0
    for pixel in stride(from: 0, to: pixels, by: 7) {
      let here = colour(pixel)
      let distances = means.map { ((here - $0) * (here - $0)).sum() }
      let nearest = distances.indices.min { distances[$0] < distances[$1] } ?? 0
      if nearest + 1 == Int(scene.truth[pixel]) { correct += 1 }
    }
    #expect(Double(correct) / Double((pixels + 6) / 7) < 0.75)

    let small = DemoScene(size: 256, seed: 0)
    #expect(Set(small.truth).count == 5)
    let first = (1024 - 256) / 2
    for row in stride(from: 0, to: 256, by: 17) {
      let middle = scene.truth[(first + row) * 1024 + first..<(first + row) * 1024 + first + 256]
      #expect(Array(middle) == Array(small.truth[row * 256..<(row + 1) * 256]))
    }
  }
}
