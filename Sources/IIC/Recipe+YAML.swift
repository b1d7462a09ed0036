internal import Foundation

extension Recipe {
  /// Reads a recipe. Keys that it leaves out come from the built-in recipe that its key `basedOn`
  /// names; without that key, all must be there.
  ///
  /// Throws an ``IICError`` in one line for text that is no YAML, for a key that is unknown, and for
  /// a value that is not legal, naming the key and its legal values.
  ///
  /// - Parameter file: what to call it in errors.
  public init(yaml: String, file: String? = nil) throws {
    do {
      var document = try RecipeDocument(yaml: yaml)
      if let name = document.basedOn {
        guard let base = Recipe.named(name) else { throw Recipe.unknownName(name) }
        document = try RecipeDocument(base).overridden(by: document)
      }
      self = try document.recipe().checked()
    } catch let error as IICError {
      throw file.map { error.at(path: $0) } ?? error
    }
  }

  /// Reads a recipe from a file; throws as ``init(yaml:file:)`` does, and where there is no such
  /// file.
  public init(reading path: String) throws {
    // More than is accepted, so that what is longer is refused for that.
    let largest = 1 << 20
    guard let handle = FileHandle(forReadingAtPath: path),
      let data = try? handle.read(upToCount: largest)
    else {
      throw IICError(
        operation: "read the recipe", path: path, reason: "there is no such file, or it is empty",
        remedy: "check the path")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw IICError(
        operation: "read the recipe", path: path, reason: "it is not text",
        remedy: "name a recipe, written as YAML")
    }
    try self.init(yaml: text, file: path)
  }

  /// The recipe as YAML, every setting of it.
  public var yaml: String {
    // Legal values alone: nothing that YAML cannot say.
    get throws { try RecipeDocument(self).yaml }
  }

  /// The recipe with other values.
  ///
  /// Throws an ``IICError`` as ``init(yaml:file:)`` does.
  ///
  /// - Parameter changes: `key=value` each, the key with its groups (`training.epochs`) or without
  ///   (`epochs`) where that can mean only one; `null` takes a key or group away.
  public func setting(_ changes: [String]) throws -> Recipe {
    var document = try RecipeDocument(self)
    for change in changes {
      guard let equals = change.firstIndex(of: "="), equals != change.startIndex else {
        throw Recipe.refusal(
          "\(IICError.quoted(change)) sets nothing", "write key=value, such as epochs=3")
      }
      let key = change[..<equals].trimmingCharacters(in: .whitespaces)
      let value = change[change.index(after: equals)...].trimmingCharacters(in: .whitespaces)
      let field = try Self.field(key, in: document, removing: value == "null")
      document = document.overridden(by: try RecipeDocument(field, value: value))
    }
    return try document.recipe().checked()
  }

  private static func field(
    _ key: String, in document: RecipeDocument, removing: Bool
  ) throws -> Field {
    if let field = fields.first(where: { $0.key == key }) { return field }
    if removing, fields.contains(where: { $0.key.hasPrefix(key + ".") }) {
      return Field(key, .flag)
    }
    let meant = fields.filter { $0.lastName == key }
    let present = meant.filter { $0.group.isEmpty || document.contains($0.group) }
    let candidates = present.isEmpty ? meant : present
    guard let field = candidates.first else { throw unknownKey(key) }
    guard candidates.count == 1 else {
      throw refusal(
        "`\(key)` can mean \(candidates.map { "`\($0.key)`" }.joined(separator: " or "))",
        "write it in full")
    }
    return field
  }

  static func unknownKey(_ key: String) -> IICError {
    let known = key.contains(".") ? fields.map(\.key) : fields.map { String($0.lastName) }
    let nearest = nearestName(to: key, among: known)
    return refusal(
      "there is no key \(IICError.quoted(key))",
      nearest.map { "did you mean `\($0)`?" } ?? "`iic recipes NAME` shows all keys of a recipe")
  }

  static func unknownName(_ name: String) -> IICError {
    let known = builtIn.map(\.name)
    let nearest = nearestName(to: name, among: known)
    return IICError(
      operation: "use the recipe", reason: "there is none named \(IICError.quoted(name))",
      remedy: nearest.map { "did you mean \($0)? `iic recipes` lists all" }
        ?? "`iic recipes` lists them, or name a YAML file")
  }

  static func refusal(_ reason: String, _ remedy: String) -> IICError {
    IICError(operation: "use the recipe", reason: reason, remedy: remedy)
  }
}
