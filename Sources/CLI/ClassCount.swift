import ArgumentParser
import IIC

/// How many classes to look for: a number, or `auto` to try several.
enum ClassCount: ExpressibleByArgument, Equatable {
  case number(Int)
  case several

  /// The numbers tried by `auto`, as the method's authors advise who do not know theirs.
  static let tried = [2, 4, 8, 16, 32]

  init?(argument: String) {
    if argument == "auto" {
      self = .several
    } else if let number = Int(argument) {
      self = .number(number)
    } else {
      return nil
    }
  }

  /// The changes to a recipe that set so many classes, and five times as many clusters in the
  /// over-clustering head where there is one.
  static func changes(to recipe: Recipe, classes: Int) -> [String] {
    ["network.classes=\(classes)"]
      + (recipe.network.overclusters == nil ? [] : ["network.overclusters=\(5 * classes)"])
  }
}
