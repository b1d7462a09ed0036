import Tensor
import TestSupport
import Testing

/// From one size to another.
struct ResizeCase: Sendable, CustomStringConvertible {
  let shape: [Int]
  let height: Int
  let width: Int

  init(_ shape: [Int], to height: Int, _ width: Int) {
    self.shape = shape
    self.height = height
    self.width = width
  }

  static let all: [ResizeCase] = [
    ResizeCase([1, 1, 1, 3], to: 1, 1),
    ResizeCase([1, 1, 1, 1], to: 3, 5),
    ResizeCase([2, 3, 5, 3], to: 7, 4),
    ResizeCase([1, 7, 9, 5], to: 3, 2),
    ResizeCase([1, 5, 1, 16], to: 9, 4),
    ResizeCase([2, 4, 4, 33], to: 8, 8),
    ResizeCase([1, 6, 5, 1], to: 6, 5),
    ResizeCase([1, 9, 7, 2], to: 1, 1),
  ]

  var description: String { "\(shape) to \(height)×\(width)" }
}

@Suite struct ResizeTests {
  let workers = Workers(threads: 2)

  @Test(arguments: ResizeCase.all)
  func `forward interpolates between pixel centres`(_ example: ResizeCase) {
    let input = ReferenceTensor.random(example.shape, seed: 51)
    let output = BilinearResize.forward(
      input.tensor, height: example.height, width: example.width, on: workers)
    let expected = ReferenceResize.forward(input, height: example.height, width: example.width)
    expectClose(output, expected, absolute: 5e-6, relative: 1e-6)
  }

  @Test(arguments: ResizeCase.all)
  func `gradient`(_ example: ResizeCase) {
    let input = ReferenceTensor.random(example.shape, seed: 52)
    let dy = ReferenceTensor.random(
      [example.shape[0], example.height, example.width, example.shape[3]], seed: 53)
    let gradient = BilinearResize.inputGradient(
      dy.tensor, inputHeight: example.shape[1], inputWidth: example.shape[2], on: workers)
    let expected = CentralDifference.gradient(
      of: { ReferenceResize.forward($0, height: example.height, width: example.width).dot(dy) },
      at: input)
    expectClose(gradient, expected, absolute: 5e-6 * max(1, expected.largestMagnitude), relative: 0)
  }

  @Test func `the published stretch from 98 to 200 pixels`() {
    let input = ReferenceTensor.random([1, 98, 98, 2], seed: 54)
    let output = BilinearResize.forward(input.tensor, height: 200, width: 200, on: workers)
    // Float32 places a position near 98 to within 1e-5 of a pixel.
    expectClose(
      output, ReferenceResize.forward(input, height: 200, width: 200), absolute: 5e-5, relative: 0)
  }

  @Test func `two pixels to four by hand`() {
    let output = BilinearResize.forward(
      Tensor(shape: [1, 1, 2, 1], values: [0, 4]), height: 1, width: 4, on: workers)
    #expect(output.values == [0, 1, 3, 4])
    let gradient = BilinearResize.inputGradient(
      Tensor(shape: [1, 1, 4, 1], values: [1, 2, 3, 4]), inputHeight: 1, inputWidth: 2,
      on: workers)
    #expect(gradient.values == [3.25, 6.75])
  }

  @Test func `the same size is left as it is`() {
    let input = ReferenceTensor.random([2, 5, 7, 3], seed: 55).tensor
    let output = BilinearResize.forward(input, height: 5, width: 7, on: workers)
    #expect(output.values == input.values)
  }

  @Test func `probabilities stay probabilities`() {
    let input = ReferenceTensor.randomProbabilities([1, 5, 6, 7], seed: 56)
    let output = BilinearResize.forward(input.tensor, height: 13, width: 11, on: workers)
    let sums = (0..<(13 * 11)).map { pixel in
      (0..<7).reduce(0.0) { $0 + Double(output[pixel * 7 + $1]) }
    }
    expectClose(sums, [Double](repeating: 1, count: 13 * 11), absolute: 1e-6, relative: 0)
  }

  @Test(arguments: ResizeCase.all)
  func `windows are parts of the whole`(_ example: ResizeCase) {
    let input = ReferenceTensor.random(example.shape, seed: 53).tensor
    let (height, width, channels) = (example.height, example.width, example.shape[3])
    let window = BilinearResize.Window(
      rows: height / 3..<height - height / 4, columns: width / 4..<width - width / 3,
      height: height, width: width)
    let whole = BilinearResize.forward(input, height: height, width: width, on: workers)
    let part = BilinearResize.forward(input, to: window, on: workers)
    var spread = Tensor(shape: whole.shape)
    let gradient = ReferenceTensor.random(part.shape, seed: 54).tensor
    var index = 0
    for image in 0..<example.shape[0] {
      for row in window.rows {
        for column in window.columns {
          for channel in 0..<channels {
            let place = ((image * height + row) * width + column) * channels + channel
            #expect(part[index] == whole[place])
            spread[place] = gradient[index]
            index += 1
          }
        }
      }
    }
    // Added to what is there.
    let before = ReferenceTensor.random(example.shape, seed: 55).tensor
    var after = before
    BilinearResize.addInputGradient(gradient, of: window, to: &after, on: workers)
    let expected = BilinearResize.inputGradient(
      spread, inputHeight: example.shape[1], inputWidth: example.shape[2], on: workers)
    let differences = zip(after.values, before.values).map { $0 - $1 }
    expectClose(differences, expected.values, absolute: 2e-6, relative: 1e-5)
  }
}
