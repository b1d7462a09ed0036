import Foundation
import IIC
import TestSupport
import Testing

@Suite struct PublishedRunsTests {
  private static let runs = (try? PublishedCommand.all(in: GoldenFile.folder)) ?? []

  /// The printed YAML's settings by dotted key, read without the package's own reader.
  private func settings(in yaml: String) -> [String: String] {
    var result: [String: String] = [:]
    var groups: [String] = []
    for line in yaml.split(separator: "\n") {
      let depth = line.prefix { $0 == " " }.count / 2
      let parts = line.drop { $0 == " " }.split(separator: ":", maxSplits: 1)
      groups = Array(groups.prefix(depth)) + [String(parts[0])]
      if parts.count == 2 {
        result[groups.joined(separator: ".")] = parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    return result
  }

  @Test func everyPublishedRunHasARecipe() throws {
    let runs = Self.runs
    #expect(runs.count == 26 && Set(runs.map(\.run)).count == 26)
    #expect(
      Set(runs.map(\.recipe))
        == Set(Recipe.builtIn.filter { $0.about.publishedRun != nil }.map(\.name)))
  }

  @Test(arguments: runs.map(\.recipe))
  func showsTheSettingsOfItsRunDefaultsIncluded(_ name: String) throws {
    let runs = Self.runs
    let run = try #require(runs.first { $0.recipe == name })
    let recipe = try Recipe.find(name)
    #expect(recipe.about.publishedRun == run.run)
    #expect(recipe.about.publishedPerCent == run.percent)
    let shown = settings(in: try recipe.yaml).filter { key, _ in
      key != "name" && !key.hasPrefix("about.")
    }
    let expected = run.settings(among: runs)
    #expect(Set(shown.keys) == Set(expected.keys))
    for (key, value) in expected {
      let isSame =
        shown[key] == value
        || Double(value).map { number in shown[key].flatMap { Double($0) } == number } ?? false
      #expect(isSame, "\(key) is \(shown[key] ?? "missing") where the run had \(value)")
    }
  }

  @Test func saysWhichItFollowsWhereProgramAndPaperDiffer() throws {
    let lambda = Recipe.builtIn.filter { ($0.training.headB.lambda) != 1 }
    #expect(lambda.map(\.name).sorted() == ["coco-stuff-3", "potsdam-3"])
    for recipe in lambda {
      #expect(recipe.about.differences?.contains("follows the command") ?? false)
    }
    for name in ["mnist", "mnist-progression"] {
      #expect(try Recipe.find(name).about.differences?.contains("as the paper says") ?? false)
    }
  }
}
