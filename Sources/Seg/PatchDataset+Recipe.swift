public import IIC

extension PatchDataset {
  /// Whether the images are those that a recipe asks for.
  ///
  /// - Throws: ``SegError`` where they have other bands or classes, where the recipe's crops are too
  ///   small, and where no image trains.
  public func check(for recipe: Recipe) throws {
    let classes = classNames.count
    if let wanted = recipe.data.trueClasses, wanted != classes, classes > 0 {
      throw refusal(
        "has \(classes) classes where `data.trueClasses` is \(wanted)",
        "correct that, or choose another dataset")
    }
    let network = recipe.network
    let bands = bandNames.count
    // Sobel's two gradients of grey, in place of the visible bands or after them.
    let needed =
      network.sobel ? (network.includeRGB ? bands + 2 : bands == 1 ? 2 : bands - 1) : bands
    guard network.inputChannels == needed,
      !network.sobel || bands >= 3 || bands == 1 && !network.includeRGB
    else {
      throw refusal(
        "has \(bands) bands (\(bandNames.joined(separator: ", "))), which do not make the "
          + "\(network.inputChannels) channels of `network.inputChannels`",
        network.sobel && bands == 2 ? "set network.sobel to false" : "set it to \(needed)")
    }
    guard network.inputSize % 2 == 0, network.inputSize >= TrunkGeometry.smallestInput else {
      throw refusal(
        "cannot be cropped to the \(network.inputSize) pixels of `network.inputSize`",
        "give an even number, at least \(TrunkGeometry.smallestInput)")
    }
    guard !entries(of: trainingLists(recipe.data.mode)).isEmpty else {
      throw refusal("lists no image to train on", "check its lists")
    }
  }

  /// Bands are bytes, which a network sees as 0…1.
  func modelInput() throws -> ModelInput {
    ModelInput(bands: try bandNames.map { try BandScaling(name: $0, offset: 0, scale: 255) })
  }

  private func refusal(_ reason: String, _ remedy: String) -> SegError {
    SegError(operation: "train on", path: path, reason: reason, remedy: remedy)
  }
}
