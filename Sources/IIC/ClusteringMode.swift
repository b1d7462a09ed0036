/// Whether the test images take part in training, as the paper tells its experiments apart.
public enum ClusteringMode: String, Sendable, Equatable, CaseIterable, Codable {
  /// Fully unsupervised: all images train, and all with labels score (paper, section 4.1).
  case iid = "IID"
  /// As usual for supervised methods: test images neither train nor name the clusters.
  case iidPlus = "IID+"
}
