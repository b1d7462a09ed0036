internal import Tensor

/// A head of a network.
public enum HeadName: String, Sendable, Codable, CaseIterable {
  /// Head A of a network with two, which learns more clusters than there are classes.
  case overclustering = "A"
  /// Head B, or the only head: as many clusters as classes.
  case clustering = "B"
}

/// The heads of a network: none, one or two.
struct NetworkHeads<Head: Sendable>: Sendable {
  private let architecture: ModelArchitecture
  private var overclustering: Head?
  private var clustering: Head?

  /// The heads that the configuration asks for, each made by `make` of its tensors.
  init(
    _ configuration: ModelConfiguration, make: ([ModelTensor]) throws -> Head
  ) rethrows {
    func head(_ prefix: String) throws -> Head {
      try make(configuration.tensorDescriptions.filter { $0.name.hasPrefix(prefix) })
    }
    architecture = configuration.architecture
    if architecture.hasTwoHeads {
      overclustering = try head("head_A.")
      clustering = try head("head_B.")
    } else if architecture.hasHeads {
      clustering = try head("head.")
    }
  }

  /// A head. Traps if there is no such.
  subscript(_ name: HeadName) -> Head {
    guard let head = name == .clustering ? clustering : overclustering else { missing(name) }
    return head
  }

  /// Changes a head in place. Traps if there is no such.
  mutating func update<R>(_ name: HeadName, _ body: (inout Head) -> R) -> R {
    switch name {
    case .clustering:
      guard clustering != nil else { missing(name) }
      return body(&clustering!)
    case .overclustering:
      guard overclustering != nil else { missing(name) }
      return body(&overclustering!)
    }
  }

  /// Changes each head in place, A before B.
  mutating func updateAll(_ body: (inout Head) throws -> Void) rethrows {
    if overclustering != nil { try body(&overclustering!) }
    if clustering != nil { try body(&clustering!) }
  }

  /// The sum of what a backward pass through each of the heads named gives, the gradient of the
  /// features that all of them read; nil where none is named.
  mutating func featureGradient(
    _ names: [HeadName], on workers: Workers,
    _ backward: (_ index: Int, _ head: inout Head) -> Tensor
  ) -> Tensor? {
    var sum: Tensor?
    for (index, name) in names.enumerated() {
      let gradient = update(name) { backward(index, &$0) }
      if sum == nil { sum = gradient } else { sum!.add(gradient, on: workers) }
    }
    return sum
  }

  private func missing(_ head: HeadName) -> Never {
    preconditionFailure("\(architecture.rawValue) has no head \(head.rawValue)")
  }
}

extension ModelConfiguration {
  /// The network's heads, A before B.
  public var heads: [HeadName] {
    guard architecture.hasHeads else { return [] }
    return architecture.hasTwoHeads ? [.overclustering, .clustering] : [.clustering]
  }

  /// Clusters of a head. Traps if the network has no such head.
  public func clusters(of head: HeadName) -> Int {
    switch head {
    case .clustering: return classes
    case .overclustering:
      guard let overclusters else {
        preconditionFailure("\(architecture.rawValue) has no head \(head.rawValue)")
      }
      return overclusters
    }
  }
}
