import ArgumentParser
import IIC

/// `iic recipes`: lists the built-in recipes, or prints one as YAML.
struct RecipesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipes",
    abstract: "List the built-in recipes, or print one as YAML.",
    discussion: """
      A recipe printed into a file can be changed there and trained by the file's name.

      For example:
        iic recipes
        iic recipes mnist > mine.yaml
      """)

  @Argument(help: "A recipe's name, or a YAML file.")
  var name: String?

  @OptionGroup(title: "Common options") var common: CommonOptions

  func run() throws {
    let console = common.console
    guard let name else {
      let listing = RecipeListing(recipes: Recipe.builtIn)
      return try console.result(text: listing.text, json: listing)
    }
    let recipe = try TrainCommand.recipe(name)
    let yaml = try recipe.yaml
    try console.result(text: String(yaml.dropLast(yaml.hasSuffix("\n") ? 1 : 0)), json: recipe)
  }
}
