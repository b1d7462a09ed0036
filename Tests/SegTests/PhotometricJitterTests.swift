import Seg
import Tensor
import Testing

@Suite struct PhotometricJitterTests {
  private let visible = PhotometricJitter.Bands.visible(red: 0, green: 1, blue: 2)

  private func patch(pixels: Int, bands: Int) -> [Float] {
    var generator = SeededGenerator(seed: 5)
    return (0..<pixels * bands).map { _ in generator.uniform(0...1) }
  }

  private func applying(_ steps: [PhotometricJitter.Step], to values: [Float]) -> [Float] {
    var result = values
    PhotometricJitter.apply(
      steps, to: &result, bandCount: 4, valid: [Bool](repeating: true, count: values.count / 4),
      red: 0, green: 1, blue: 2)
    return result
  }

  @Test func neutralFactorsKeepEveryBit() {
    let values = patch(pixels: 50, bands: 4)
    #expect(
      applying([.hue(0), .contrast(1), .saturation(1), .brightness(1)], to: values) == values)
    let none = PhotometricJitter(
      bands: visible, brightness: 0, contrast: 0, saturation: 0, hue: 0)
    var generator = SeededGenerator(seed: 1)
    var result = values
    none.apply(
      to: &result, bandCount: 4, valid: [Bool](repeating: true, count: 50), using: &generator)
    #expect(result == values)
  }

  @Test func stepsDoWhatTheyAreNamedFor() {
    let values: [Float] = [0.5, 0.25, 0.0, 7, 0.2, 0.2, 0.2, -3]
    let brighter = applying([.brightness(1.4)], to: values)
    expectClose(brighter, [0.7, 0.35, 0, 7, 0.28, 0.28, 0.28, -3])
    let grey: Float = 0.299 * 0.5 + 0.587 * 0.25
    expectClose(
      applying([.saturation(0)], to: values), [grey, grey, grey, 7, 0.2, 0.2, 0.2, -3])
    let mean = (grey + 0.2) / 2
    expectClose(
      applying([.contrast(0)], to: values), [mean, mean, mean, 7, mean, mean, mean, -3])
    // A third of the wheel turns red to green, green to blue, blue to red.
    expectClose(
      applying([.hue(1.0 / 3)], to: values), [0.0, 0.5, 0.25, 7, 0.2, 0.2, 0.2, -3])
    expectClose(
      applying([.hue(-1.0 / 3)], to: values), [0.25, 0.0, 0.5, 7, 0.2, 0.2, 0.2, -3])
  }

  @Test func stepsInARowDoWhatTheyDoOneByOne() {
    let values = patch(pixels: 50, bands: 4)
    let steps: [PhotometricJitter.Step] = [
      .saturation(1.3), .contrast(0.7), .hue(0.1), .brightness(1.2), .contrast(1.3),
    ]
    for order in [steps, steps.reversed(), Array(steps[1...]), Array(steps[2...])] {
      #expect(applying(order, to: values) == order.reduce(values) { applying([$1], to: $0) })
    }
  }

  /// Python's colorsys, the hue turned by 0.1: (h + 0.1) % 1.
  @Test func hueAgreesWithAnotherImplementation() {
    let values: [Float] = [
      0.9, 0.3, 0.1, 1, 0.2, 0.8, 0.5, 1, 0.3, 0.1, 0.6, 1, 0.7, 0.2, 0.6, 1,
    ]
    expectClose(
      applying([.hue(0.1)], to: values),
      [
        0.900000, 0.780000, 0.100000, 1, 0.200000, 0.740000, 0.800000, 1,
        0.600000, 0.100000, 0.600000, 1, 0.700000, 0.200000, 0.300000, 1,
      ])
  }

  @Test func orderAndFactorsComeFromTheSeed() {
    let jitter = PhotometricJitter(bands: visible)
    var generator = SeededGenerator(seed: 3)
    var repeated = SeededGenerator(seed: 3)
    var firstSteps = Set<String>()
    for _ in 0..<200 {
      let steps = jitter.drawSteps(using: &generator)
      #expect(steps == jitter.drawSteps(using: &repeated))
      #expect(steps.count == 4)
      for step in steps {
        switch step {
        case .brightness(let factor), .contrast(let factor), .saturation(let factor):
          #expect((0.6...1.4).contains(factor))
        case .hue(let turn):
          #expect((-0.125...0.125).contains(turn))
        }
      }
      firstSteps.insert(String("\(steps[0])".prefix { $0 != "(" }))
    }
    #expect(firstSteps.count == 4)
  }

  @Test func otherBandsAndInvalidPixelsStayOut() {
    var values = patch(pixels: 64, bands: 5)
    let before = values
    var generator = SeededGenerator(seed: 8)
    let valid = (0..<64).map { $0 % 3 != 0 }
    PhotometricJitter(bands: .visible(red: 3, green: 1, blue: 0)).apply(
      to: &values, bandCount: 5, valid: valid, using: &generator)
    for index in values.indices where index % 5 == 2 || index % 5 == 4 {
      #expect(values[index] == before[index])
    }
    #expect(values != before)

    // An invalid pixel does not count in the mean grey.
    var one: [Float] = [0.2, 0.2, 0.2, 1, 1, 1]
    PhotometricJitter.apply(
      [.contrast(0)], to: &one, bandCount: 3, valid: [true, false], red: 0, green: 1, blue: 2)
    expectClose(Array(one[0..<3]), [0.2, 0.2, 0.2])
  }

  @Test func separateBandsChangeOnTheirOwn() {
    let before = patch(pixels: 64, bands: 2)
    var values = before
    var generator = SeededGenerator(seed: 2)
    PhotometricJitter(bands: .separate([1])).apply(
      to: &values, bandCount: 2, valid: [Bool](repeating: true, count: 64), using: &generator)
    #expect(stride(from: 0, to: 128, by: 2).allSatisfy { values[$0] == before[$0] })
    #expect(values != before)
    #expect(values.allSatisfy { (0...1).contains($0) })
  }

  private func expectClose(_ values: [Float], _ expected: [Float]) {
    #expect(values.count == expected.count)
    for (value, wanted) in zip(values, expected) { #expect(abs(value - wanted) < 1e-5) }
  }
}
