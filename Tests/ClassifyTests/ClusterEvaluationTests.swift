import Classify
import IIC
import Raster
import Tensor
import TestSupport
import Testing

@Suite struct ClusterEvaluationTests {
  private let workers = Workers(threads: 2)

  /// Two classes of plain images of two brightnesses.
  private func images(_ count: Int) -> ImageSet {
    ImageSet(
      (0..<count).map { number in
        ByteImage(
          width: 32, height: 32, channels: 1,
          pixels: [UInt8](repeating: number % 2 == 0 ? 10 : 240, count: 1024))
      }, labels: (0..<count).map { UInt8($0 % 2) })
  }

  /// A network with random weights, in which the second sub-head of the only head tells bright from
  /// dark: its weights are the sum of the features, against a bias in between.
  private func network() throws -> ClusterNetwork {
    let configuration = try ModelConfiguration(
      architecture: .clusterNet6c, inputChannels: 1, inputSize: 24, classes: 2, subHeads: 2,
      width: 0.05, batchNormTracking: true)
    var generator = SeededGenerator(seed: 5)
    var network = try ClusterNetwork(configuration: configuration, generator: &generator)
    let views = Tensor(
      shape: [2, 24, 24, 1],
      values: [Float](repeating: 10.0 / 255, count: 576)
        + [Float](repeating: 240.0 / 255, count: 576))
    let features = network.features(views, at: .trunk, on: workers)
    let sums = [features.firstAxis(0..<1), features.firstAxis(1..<2)].map {
      $0.values.reduce(0, +)
    }
    try #require(sums[1] > sums[0])
    network.forEachParameter { parameter in
      switch parameter.name {
      case "head.heads.1.0.weight":
        parameter.value = Tensor(
          shape: parameter.value.shape,
          values: (0..<parameter.value.count).map { $0 % 2 == 0 ? -1 : 1 })
      case "head.heads.1.0.bias":
        parameter.value = Tensor(shape: [2], values: [0, -(sums[0] + sums[1])])
      case "head.heads.0.0.weight":
        parameter.value = Tensor(shape: parameter.value.shape)
      default: break
      }
    }
    return network
  }

  @Test func `a network's sub-heads are scored on a dataset's images`() throws {
    let set = images(7)
    var done: [Int] = []
    let assignments = try ClusterAssignments(
      of: set, named: "plain", by: network(), head: .clustering,
      views: SobelViews(inputSize: 24, cropSize: 24), batchSize: 3, on: workers
    ) { done.append($0) }
    #expect(done == [3, 6, 7])
    #expect(assignments.clusters == 2)
    #expect(assignments.clusterOfImage == [[0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 1, 0, 1, 0]])
    let evaluation = ClusterConfusions(
      assignment: (0..<2).map {
        assignments.confusion(ofSubHead: $0, labels: set.labels ?? [], classes: 2)
      }
    ).evaluation
    #expect(evaluation.subHeads.map(\.accuracy) == [4.0 / 7, 1])
    #expect(evaluation.bestByAssignment == 1)
  }

  /// The network with a parameter of one number throughout.
  private func network(with number: Float, as name: String) throws -> ClusterNetwork {
    var network = try network()
    network.forEachParameter { parameter in
      if parameter.name == name {
        parameter.value = Tensor(shape: parameter.value.shape, repeating: number)
      }
    }
    return network
  }

  /// Weights are finite and what they come to is not, or is too large to be squared.
  @Test func `networks of huge weights are refused`() throws {
    let set = images(6)
    let views = SobelViews(inputSize: 24, cropSize: 24)
    let head = try network(with: 3e38, as: "head.heads.0.0.weight")
    #expect(throws: IICError.self) {
      _ = try ClusterAssignments(
        of: set, named: "plain", by: head, head: .clustering, views: views, batchSize: 3,
        on: workers)
    }
    #expect(throws: IICError.self) {
      _ = try KMeansBaseline.Rows.outputs(
        of: head, head: .clustering, for: set, named: "plain", views: views, batchSize: 3,
        on: workers)
    }
    // What the last normalisation adds.
    let last = try network().parameters.last {
      $0.name.hasPrefix("trunk.") && $0.value.shape.count == 1
    }
    let trunk = try network(with: 1e30, as: try #require(last?.name))
    let error = try #require(throws: IICError.self) {
      _ = try KMeansBaseline.Rows(
        featuresOf: set, named: "plain", by: trunk, views: views, batchSize: 3, on: workers)
    }
    #expect(error.operation == "cluster by k-means")
  }

  @Test func `modes tell which images name and which score`() throws {
    let fixture = try DatasetFixture()
    try fixture.writeMNIST(train: 20, test: 10)
    let dataset = try ImageDataset.mnist.load(from: fixture.path)
    let all = try ClusterEvaluation.Images(dataset, mode: .iid)
    let plus = try ClusterEvaluation.Images(dataset, mode: .iidPlus)
    #expect(all.count == 30 && plus.count == 30 && all.classes == 10)
    let configuration = try ModelConfiguration(
      architecture: .clusterNet6cTwoHead, inputChannels: 1, inputSize: 24, classes: 10,
      overclusters: 12, subHeads: 3, width: 0.03, batchNormTracking: false)
    var generator = SeededGenerator(seed: 5)
    let network = try ClusterNetwork(configuration: configuration, generator: &generator)
    for (head, rule, clusters) in [
      (HeadName.clustering, Matching.Rule.oneToOne, 10),
      (.overclustering, .manyToOne, 12),
    ] {
      var seen = 0
      let evaluation = try ClusterEvaluation(
        of: network, head: head, on: plus, views: GreyscaleViews(), batchSize: 8,
        workers: workers
      ) { seen = $0 }
      #expect(seen == 30)
      let results = evaluation.confusions.results
      #expect(evaluation.confusions.rule == rule && results.count == 3)
      #expect(results.allSatisfy { $0.total == 10 && $0.predictions == clusters })
      let whole = try ClusterEvaluation(
        of: network, head: head, on: all, views: GreyscaleViews(), batchSize: 8,
        workers: workers)
      #expect(whole.confusions.results.allSatisfy { $0.total == 30 })
      #expect(whole.scores.subHeads.allSatisfy { $0.accuracy == $0.assignmentAccuracy })
    }
  }
}
