import ArgumentParser
import IIC

extension HeadName: ExpressibleByArgument {
  /// Reads `A` or `B`, in capitals or not.
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

extension ModelFile {
  /// The sub-head asked for, which people count from 1, or the one that training recorded; from 0.
  /// Says so where the model does not know which is the best.
  ///
  /// - Throws: `CommandError` where the model has no such head or sub-head.
  func chosenSubHead(
    of head: HeadName, _ number: Int?, model: String, on console: Console
  ) throws -> Int {
    guard configuration.heads.contains(head) else {
      throw CommandError(
        "cannot use head \(head.rawValue) of \(model): \(configuration.architecture.rawValue) has "
          + (configuration.architecture.hasHeads ? "one head" : "none"),
        remedy: configuration.architecture.hasHeads
          ? "leave --head out" : "name a model with a head")
    }
    if let number {
      guard (1...configuration.subHeads).contains(number) else {
        throw CommandError(
          "cannot use sub-head \(number) of \(model): it has \(configuration.subHeads)",
          remedy: "give 1 to \(configuration.subHeads)")
      }
      return number - 1
    }
    if !recordsSubHead(of: head), configuration.subHeads > 1 {
      console.say(
        "\(model) does not say which of its \(configuration.subHeads) sub-heads is the best: the "
          + "first is used; --sub-head chooses another")
    }
    return subHead(of: head)
  }
}
