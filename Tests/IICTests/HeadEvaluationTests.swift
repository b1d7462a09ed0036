import IIC
import Testing

@Suite struct HeadEvaluationTests {
  /// Two sub-heads; the second one's clusters are the classes turned round.
  private let assignment = [
    ConfusionMatrix(classes: 2, predictions: 2, counts: [3, 1, 2, 2]),
    ConfusionMatrix(classes: 2, predictions: 2, counts: [1, 4, 5, 0]),
  ]

  @Test func matchesOneToOne() {
    let result = ClusterConfusions(assignment: assignment).evaluation
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
    let result = ClusterConfusions(assignment: assignment, scored: scored).evaluation
    // The first sub-head's clusters are named the other way round than suits the scored images.
    #expect(result.subHeads.map(\.accuracy) == [0, 6.0 / 8])
    #expect(result.subHeads.map(\.assignmentAccuracy) == [5.0 / 8, 9.0 / 10])
  }

  @Test func matchesManyToOne() {
    let over = ConfusionMatrix(classes: 2, predictions: 4, counts: [5, 1, 0, 2, 0, 4, 3, 1])
    let confusions = ClusterConfusions(assignment: [over])
    let result = confusions.evaluation
    #expect(confusions.rule == .manyToOne)
    #expect(confusions.classOfCluster(subHead: 0) == [0, 1, 1, 0])
    #expect(result.subHeads[0].accuracy == 14.0 / 16)
    #expect(result.spread == 0)
  }

  @Test func `sub-heads are named on some images and score on others`() {
    // Sub-head 0 is right but for one of ten, then right throughout; sub-head 1 is right where it is
    // fitted, and has its two clusters exchanged on the images that score.
    func matrix(_ counts: [Int]) -> ConfusionMatrix {
      ConfusionMatrix(classes: 2, predictions: 2, counts: counts)
    }
    let confusions = ClusterConfusions(
      assignment: [matrix([1, 4, 5, 0]), matrix([5, 0, 0, 5])],
      scored: [matrix([0, 3, 3, 0]), matrix([0, 3, 3, 0])])
    let evaluation = confusions.evaluation
    #expect(confusions.rule == .oneToOne)
    #expect((0..<2).map { confusions.classOfCluster(subHead: $0) } == [[1, 0], [0, 1]])
    #expect(evaluation.subHeads.map(\.assignmentAccuracy) == [0.9, 1])
    #expect(evaluation.subHeads.map(\.accuracy) == [1, 0])
    #expect(evaluation.bestByAssignment == 1)
    #expect(evaluation.mean == 0.5 && evaluation.spread == 0.5)
    for subHead in evaluation.subHeads {
      #expect(subHead.normalisedMutualInformation.map { abs($0 - 1) < 1e-12 } == true)
      #expect(subHead.adjustedRandIndex.map { abs($0 - 1) < 1e-12 } == true)
    }
  }
}
