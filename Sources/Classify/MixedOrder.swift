internal import Tensor

/// The order in which images of one's own go through a network: mixed, and the same each time.
///
/// Files come sorted by their folders, and these are often classes. A batch of one class would leave
/// mutual information nothing to tell apart, and batch statistics would be those of the class.
enum MixedOrder {
  private static let seed: UInt64 = 0

  /// The places of `paths` in that order. It depends on which paths there are, not on how they are
  /// sorted.
  static func places(of paths: [String]) -> [Int] {
    var generator = SeededGenerator(seed: seed)
    return paths.indices.sorted { paths[$0] < paths[$1] }.shuffled(using: &generator)
  }
}
