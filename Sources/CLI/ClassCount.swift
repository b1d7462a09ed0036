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
  ///
  /// - Throws: `CommandError` where no network of the recipe's architecture has so many.
  static func changes(to recipe: Recipe, classes: Int) throws -> [String] {
    let network = recipe.network
    let hasTwoHeads = network.overclusters != nil
    let most = network.architecture.isSegmentation ? 255 : hasTwoHeads ? 4096 / 5 : 4096
    guard (2...most).contains(classes) else {
      throw CommandError(
        "--classes \(classes) is not possible by \(recipe.name)",
        remedy: "give 2 to \(most)"
          + (most == 4096 / 5
            ? ", or both numbers of clusters by --set classes=… and --set overclusters=…" : ""))
    }
    return ["network.classes=\(classes)"]
      + (hasTwoHeads ? ["network.overclusters=\(5 * classes)"] : [])
  }

  /// Whether changes to a recipe say how many classes, as --classes does.
  static func isGiven(by changes: [String]) -> Bool {
    changes.contains { change in
      let key = String(change.prefix { $0 != "=" }).filter { !$0.isWhitespace }
      return key == "classes" || key == "network.classes"
    }
  }
}
