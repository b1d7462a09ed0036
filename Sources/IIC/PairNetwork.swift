public import Tensor

/// A network that is trained on pairs of views: what a training step needs of it.
public protocol PairNetwork: TrainableNetwork where Batch == PairBatch {
  /// What a head learns by.
  associatedtype Loss: Sendable, Equatable
  /// Where the heads' outputs lie, and the losses are evaluated.
  associatedtype Grid: Sendable, Equatable
  /// What a backward pass needs of a forward pass.
  associatedtype Tape: PairNetworkTape

  /// One training pass: normalises each view by its own statistics and moves the running ones, once
  /// a view.
  ///
  /// - Parameters:
  ///   - views: which differ in nothing but their number of images.
  ///   - heads: the heads asked for, one after another on the same features.
  ///   - grid: where their outputs lie.
  /// - Returns: for each view, probabilities of clusters, [n, …, s, k] for s sub-heads of k
  ///   clusters, a tensor a head asked for; and what ``backward(_:through:on:)`` needs.
  mutating func forward(
    _ views: [ViewBatch], heads: [HeadName], grid: Grid, on workers: Workers
  ) -> (outputs: [[Tensor]], tape: Tape)

  /// Adds the parameters' gradients for those of a pass's outputs, of their shapes. Heads that took
  /// no part are left as they are. The tape is used up.
  mutating func backward(
    _ outputGradients: [[Tensor]], through tape: inout Tape, on workers: Workers)

  /// The loss of one sub-head's outputs [n, …, k] for a batch's views, with its gradients.
  static func evaluate(
    _ loss: Loss, _ first: Tensor, _ second: Tensor, of batch: PairBatch, grid: Grid,
    on workers: Workers
  ) -> PairLoss
}

/// What a backward pass needs of a forward pass.
public protocol PairNetworkTape: Sendable {
  /// Whether the pass came to numbers throughout.
  var isFinite: Bool { get }
}

extension PairNetwork {
  /// The heads there are, A before B.
  public var heads: [HeadName] { configuration.heads }

  /// Clusters of a head. Traps if the network has no such head.
  public func clusters(of head: HeadName) -> Int { configuration.clusters(of: head) }
}

extension ModelConfiguration {
  /// What the first convolution reads, from scaled bands [n, h, w, b]: grey's gradients where the
  /// configuration says `sobel`. Traps unless that comes to as many channels as the network has.
  ///
  /// - Parameter shown: what is kept beside the gradients in place of red, green and blue
  ///   [n, h, w, 3].
  func channels(of bands: Tensor, showing shown: Tensor? = nil, on workers: Workers) -> Tensor {
    precondition(shown == nil || sobel && includeRGB, "other colours beside no gradients")
    let channels =
      sobel
      ? SobelInput(includeRGB: includeRGB).channels(of: bands, showing: shown, on: workers) : bands
    precondition(
      channels.shape.count == 4 && channels.shape[3] == inputChannels,
      "bands \(bands.shape) for a network of \(inputChannels) channels")
    return channels
  }
}
