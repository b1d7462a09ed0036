import IIC

/// What `iic recipes` says of the built-in recipes.
struct RecipeListing: Encodable {
  let recipes: [Recipe]

  var text: String {
    var table = TextTable([
      ("name", .left), ("dataset", .left), ("mode", .left), ("network", .left),
      ("published %", .right), ("what", .left),
    ])
    for recipe in recipes {
      table.add([
        recipe.name, recipe.data.dataset, recipe.data.mode.rawValue,
        recipe.network.architecture.rawValue,
        recipe.about.publishedPerCent.map { Numbers.decimal($0, places: 1) } ?? "–",
        recipe.about.title,
      ])
    }
    var lines = [table.text]
    let differing = recipes.filter { $0.about.differences != nil }
    if !differing.isEmpty {
      lines.append("where the published program and the paper differ:")
      lines += differing.map { "  \($0.name): \($0.about.differences ?? "")" }
    }
    return (lines + ["iic recipes NAME prints one as YAML"]).joined(separator: "\n")
  }
}
