import Seg
import Tensor
import Testing

@Suite struct GuidedFilterTests {
  private let workers = Workers(threads: 1)

  /// Arguments of one filtering.
  struct Problem: Sendable, CustomTestStringConvertible {
    var height: Int
    var width: Int
    var bands: Int
    var channels: Int
    var radius: Int
    var invalidEvery: Int
    var testDescription: String {
      "\(height)×\(width), \(bands) bands, \(channels) channels, radius \(radius)"
    }
  }

  private struct Scene {
    var values: Tensor
    var guide: Tensor
    var valid: [Bool]
  }

  /// Smooth guide with edges and noise, probabilities that sum to one.
  private func scene(_ problem: Problem, seed: UInt64 = 1) -> Scene {
    var generator = SeededGenerator(seed: seed)
    var guide: [Float] = []
    var values: [Float] = []
    for y in 0..<problem.height {
      for x in 0..<problem.width {
        let step: Float = x * 2 + y > problem.width ? 0.6 : 0.2
        for band in 0..<problem.bands {
          guide.append(step * Float(band + 1) / 3 + generator.uniform(-0.1...0.1))
        }
        let drawn = (0..<problem.channels).map { _ in generator.uniform(0...1) }
        let sum = drawn.reduce(0, +)
        values += drawn.map { $0 / sum }
      }
    }
    let count = problem.height * problem.width
    return Scene(
      values: Tensor(shape: [problem.height, problem.width, problem.channels], values: values),
      guide: Tensor(shape: [problem.height, problem.width, problem.bands], values: guide),
      valid: (0..<count).map {
        problem.invalidEvery == 0 || ($0 * 7 + $0 / 5) % problem.invalidEvery != 0
      })
  }

  @Test(arguments: [
    Problem(height: 1, width: 1, bands: 1, channels: 2, radius: 1, invalidEvery: 0),
    Problem(height: 9, width: 14, bands: 1, channels: 3, radius: 2, invalidEvery: 0),
    Problem(height: 21, width: 17, bands: 4, channels: 6, radius: 3, invalidEvery: 4),
    Problem(height: 8, width: 25, bands: 3, channels: 11, radius: 12, invalidEvery: 3),
    Problem(height: 13, width: 10, bands: 8, channels: 2, radius: 4, invalidEvery: 0),
  ])
  func agreesWithDirectSums(problem: Problem) {
    let scene = scene(problem)
    let filter = GuidedFilter(radius: problem.radius, epsilon: 1e-3)
    let result = filter.filtered(
      scene.values, guide: scene.guide, valid: scene.valid, rows: 0..<problem.height,
      columns: 0..<problem.width, on: workers)
    let expected = directlyFiltered(scene, radius: problem.radius, epsilon: 1e-3)
    #expect(result.shape == scene.values.shape)
    for index in 0..<result.count {
      #expect(abs(Double(result[index]) - expected[index]) < 1e-6)
    }
  }

  /// Pieces with their halo give the whole image's bits.
  @Test func cutsLeaveNoTrace() {
    let problem = Problem(
      height: 70, width: 61, bands: 4, channels: 5, radius: 5, invalidEvery: 11)
    let scene = scene(problem)
    let filter = GuidedFilter(radius: 5)
    let whole = filter.filtered(
      scene.values, guide: scene.guide, valid: scene.valid, rows: 0..<70, columns: 0..<61,
      on: workers)
    let raster = PixelRectangle(column: 0, row: 0, width: 61, height: 70)
    for piece in [
      PixelRectangle(column: 0, row: 0, width: 20, height: 33),
      PixelRectangle(column: 20, row: 33, width: 19, height: 1),
      PixelRectangle(column: 39, row: 34, width: 22, height: 36),
    ] {
      let seen = piece.expanded(by: filter.halo).intersection(raster)
      func cut(_ tensor: Tensor) -> Tensor {
        let channels = tensor.shape[2]
        var values: [Float] = []
        for y in seen.rows {
          for x in seen.columns {
            for c in 0..<channels { values.append(tensor[(y * 61 + x) * channels + c]) }
          }
        }
        return Tensor(shape: [seen.height, seen.width, channels], values: values)
      }
      let part = filter.filtered(
        cut(scene.values), guide: cut(scene.guide),
        valid: seen.rows.flatMap { y in seen.columns.map { scene.valid[y * 61 + $0] } },
        rows: piece.row - seen.row..<piece.row - seen.row + piece.height,
        columns: piece.column - seen.column..<piece.column - seen.column + piece.width, on: workers)
      var differing = 0
      for y in piece.rows {
        for x in piece.columns {
          for c in 0..<5 {
            let index = ((y - piece.row) * piece.width + x - piece.column) * 5 + c
            if part[index] != whole[(y * 61 + x) * 5 + c] { differing += 1 }
          }
        }
      }
      #expect(differing == 0)
    }
  }

  @Test func refinedProbabilitiesAreProbabilities() {
    let problem = Problem(
      height: 30, width: 31, bands: 10, channels: 4, radius: 4, invalidEvery: 6)
    let scene = scene(problem)
    let refined = GuidedRefinement(radius: 4).refined(
      scene.values, guide: scene.guide, valid: scene.valid, rows: 3..<30, columns: 0..<29,
      on: workers)
    #expect(refined.shape == [27, 29, 4])
    for y in 0..<27 {
      for x in 0..<29 {
        let pixel = (0..<4).map { refined[(y * 29 + x) * 4 + $0] }
        #expect(pixel.allSatisfy { $0 >= 0 })
        let sum = pixel.reduce(0, +)
        #expect(abs(sum - (scene.valid[(y + 3) * 31 + x] ? 1 : 0)) < 1e-6)
      }
    }
  }

  /// A blurred border between two classes moves back to the image's edge.
  @Test func bordersFollowTheGuide() {
    var values: [Float] = []
    var guide: [Float] = []
    for _ in 0..<40 {
      for x in 0..<40 {
        let probability = min(max(Float(x) / 12 - 0.9, 0), 1)
        values += [probability, 1 - probability]
        guide.append(x < 20 ? 0.2 : 0.8)
      }
    }
    let refined = GuidedRefinement(radius: 8).refined(
      Tensor(shape: [40, 40, 2], values: values), guide: Tensor(shape: [40, 40, 1], values: guide),
      valid: [Bool](repeating: true, count: 1600), rows: 20..<21, columns: 0..<40,
      on: workers)
    let before = (0..<40).map { values[2 * $0] > 0.5 }
    let after = (0..<40).map { refined[2 * $0] > 0.5 }
    #expect(before.firstIndex(of: true) == 17)
    #expect(after == (0..<40).map { $0 >= 20 })
  }

  /// The filter by its definition: sums over each window, in Double.
  private func directlyFiltered(_ scene: Scene, radius: Int, epsilon: Double) -> [Double] {
    let (height, width) = (scene.values.shape[0], scene.values.shape[1])
    let (channels, bands) = (scene.values.shape[2], scene.guide.shape[2])
    func window(_ y: Int, _ x: Int) -> [Int] {
      var pixels: [Int] = []
      for v in max(0, y - radius)...min(height - 1, y + radius) {
        for u in max(0, x - radius)...min(width - 1, x + radius)
        where scene.valid[v * width + u] { pixels.append(v * width + u) }
      }
      return pixels
    }
    func guide(_ pixel: Int, _ band: Int) -> Double { Double(scene.guide[pixel * bands + band]) }
    var coefficients: [[[Double]]] = []
    for pixel in 0..<height * width {
      let near = window(pixel / width, pixel % width)
      let count = Double(max(near.count, 1))
      let mean = (0..<bands).map { b in near.reduce(0) { $0 + guide($1, b) } / count }
      coefficients.append(
        (0..<channels).map { k in
          func value(_ pixel: Int) -> Double { Double(scene.values[pixel * channels + k]) }
          let valueMean = near.reduce(0) { $0 + value($1) } / count
          var system = (0..<bands).map { b in
            (0..<bands).map { d in
              near.reduce(0) { $0 + (guide($1, b) - mean[b]) * (guide($1, d) - mean[d]) } / count
                + (b == d ? epsilon : 0)
            } + [
              near.reduce(0) { $0 + (guide($1, b) - mean[b]) * (value($1) - valueMean) } / count
            ]
          }
          for b in 0..<bands {
            for other in 0..<bands where other != b {
              let factor = system[other][b] / system[b][b]
              for column in b...bands { system[other][column] -= factor * system[b][column] }
            }
          }
          let slopes = (0..<bands).map { system[$0][bands] / system[$0][$0] }
          return slopes + [valueMean - zip(slopes, mean).reduce(0) { $0 + $1.0 * $1.1 }]
        })
    }
    return (0..<height * width).flatMap { pixel -> [Double] in
      guard scene.valid[pixel] else { return [Double](repeating: 0, count: channels) }
      let near = window(pixel / width, pixel % width)
      return (0..<channels).map { k in
        func mean(_ b: Int) -> Double {
          near.reduce(0) { $0 + coefficients[$1][k][b] } / Double(near.count)
        }
        return (0..<bands).reduce(mean(bands)) { $0 + mean($1) * guide(pixel, $1) }
      }
    }
  }
}
