import ArgumentParser
import Foundation
import IIC

/// What can be timed.
enum BenchmarkCase: String, CaseIterable, ExpressibleByArgument {
  case trainSegmentation24 = "train-seg10a-k24-b4"
  case trainSegmentation3 = "train-seg10a-k3-b4"
  case trainSegmentationAsPublished = "train-seg10a-k24-b75"
  case trainClusterNet6c = "train-net6c-b700"
  case trainClusterNet5g = "train-net5g-b66"
  case inferSegmentation = "infer-seg10a-2x512"
  case labelRaster = "segment-8k"

  /// What a repeat does.
  var summary: String {
    switch self {
    case .trainSegmentation24:
      "SegmentationNet10a, one head of 24 clusters, 4 pairs of 200 px, 4 bands, T = 10"
    case .trainSegmentation3: "the same with 3 clusters"
    case .trainSegmentationAsPublished: "the first with the 75 pairs of the published runs"
    case .trainClusterNet6c:
      "ClusterNet6c, 5 sub-heads of 10 clusters, 700 pairs of 24 px, 1 channel"
    case .trainClusterNet5g:
      "ClusterNet5g, 5 sub-heads of 10 clusters, 66 pairs of 32 px, 2 channels"
    case .inferSegmentation: "SegmentationNet10a, the best of 6 classes in 2 images of 512 px"
    case .labelRaster: "an 8192×8192 raster of 4 bands, from file to label map; width 0.25"
    }
  }

  /// Repeats the case and returns its line.
  func measure(repeats: Int, threads: Int, side: Int) throws -> String {
    func training(_ run: TrainingRun<some PairNetwork>, pairs: Int) throws -> String {
      var run = run
      let timing = try Timing.measure(repeats: repeats) { try run.step() }
      return timing.line(of: rawValue, amount: Double(pairs), unit: "pairs/s")
    }
    switch self {
    case .trainSegmentation24:
      return try training(
        TrainingRun(segmentationInto: 24, pairs: 4, threads: threads), pairs: 4)
    case .trainSegmentation3:
      return try training(TrainingRun(segmentationInto: 3, pairs: 4, threads: threads), pairs: 4)
    case .trainSegmentationAsPublished:
      return try training(
        TrainingRun(segmentationInto: 24, pairs: 75, threads: threads), pairs: 75)
        + String(format: " peak %.0f MiB", try PeakMemory.mebibytes())
    case .trainClusterNet6c:
      return try training(
        TrainingRun(clustering: .clusterNet6c, pairs: 700, channels: 1, side: 24, threads: threads),
        pairs: 700)
    case .trainClusterNet5g:
      return try training(
        TrainingRun(clustering: .clusterNet5g, pairs: 66, channels: 2, side: 32, threads: threads),
        pairs: 66)
    case .inferSegmentation:
      let inference = try SegmentationInference(images: 2, side: 512, threads: threads)
      let timing = Timing.measure(repeats: repeats) { inference.label() }
      return timing.line(of: rawValue, amount: 2, unit: "images/s")
    case .labelRaster:
      return try RasterLabellingRun(side: side, threads: threads)
        .measure(repeats: repeats, name: rawValue)
    }
  }
}
