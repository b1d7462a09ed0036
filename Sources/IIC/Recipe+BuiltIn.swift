extension Recipe {
  /// All that are built in, in the order to list them in.
  public static let builtIn: [Recipe] =
    publishedMNIST + publishedCIFAR + publishedSTL10 + publishedTriplets + publishedPotsdam
    + publishedCOCOStuff + publishedPretexts + [ownRasters, ownImages, ownImagesFineTuning]

  /// The built-in recipe of that name, or nil.
  public static func named(_ name: String) -> Recipe? { builtIn.first { $0.name == name } }

  /// The built-in recipe of that name; throws an ``IICError`` that says what comes near.
  public static func find(_ name: String) throws -> Recipe {
    guard let recipe = named(name) else { throw unknownName(name) }
    return recipe
  }
}
