import IIC
import Testing

@Suite struct HeadEvaluationTests {
  /// Two sub-heads; the second one's clusters are the classes turned round.
  private let assignment = [
    ConfusionMatrix(classes: 2, predictions: 2, counts: [3, 1, 2, 2]),
    ConfusionMatrix(classes: 2, predictions: 2, counts: [1, 4, 5, 0]),
  ]

  @Test func matchesOneToOne() {
    let result = HeadEvaluation(assignment: assignment)
    #expect(result.subHeads.map(\.accuracy) == [5.0 / 8, 9.0 / 10])
    #expect(result.bestByAssignment == 1)
    #expect(abs(result.mean - (0.625 + 0.9) / 2) < 1e-12)
    #expect(abs(result.spread - 0.1375) < 1e-12)
    #expect(result.range == 0.625...0.9)
  }

  @Test func scoresOtherImagesByTheMatchingOfTheFirst() {
    let scored = [
      ConfusionMatrix(classes: 2, predictions: 2, counts: [0, 4, 4, 0]),
      ConfusionMatrix(classes: 2, predictions: 2, counts: [1, 3, 3, 1]),
    ]
    let result = HeadEvaluation(assignment: assignment, scored: scored)
    // The first sub-head's clusters are named the other way round than suits the scored images.
    #expect(result.subHeads.map(\.accuracy) == [0, 6.0 / 8])
    #expect(result.subHeads.map(\.assignmentAccuracy) == [5.0 / 8, 9.0 / 10])
  }

  @Test func matchesManyToOne() {
    let over = ConfusionMatrix(classes: 2, predictions: 4, counts: [5, 1, 0, 2, 0, 4, 3, 1])
    let result = HeadEvaluation(assignment: [over])
    #expect(result.subHeads[0].accuracy == 14.0 / 16)
    #expect(result.spread == 0)
  }
}
