extension Recipe {
  /// Throws an ``IICError`` where a key of the data is given that their dataset makes nothing of.
  func checkData() throws {
    switch data.dataset {
    case "coco-stuff", "coco-stuff-3":
      guard data.coarseLabels != false else {
        throw Self.refusal(
          "`data.coarseLabels` is false with the dataset \(data.dataset)",
          "give true: its classes are gathered from COCO-Stuff's coarse ones")
      }
    case "segmentation":
      let unused = [
        ("coarseLabels", data.coarseLabels != nil), ("curatedVersion", data.curatedVersion != nil),
        ("shortestSide", data.shortestSide != nil), ("unlabelled", data.unlabelled != nil),
      ]
      if let (key, _) = unused.first(where: \.1) {
        throw Self.refusal(
          "`data.\(key)` is given with the dataset segmentation",
          "leave it out, or give null: rasters of your own are taken as they are")
      }
    default: break
    }
  }

  /// Throws an ``IICError`` where views of whole images would be without what the network reads.
  func checkColours() throws {
    guard network.includeRGB, !network.sobel, !network.architecture.isSegmentation else { return }
    throw Self.refusal(
      "`network.includeRGB` is true without `network.sobel`",
      "give false, or true for sobel too, with the group sobel of `views`: views without it are grey"
    )
  }

  /// Throws an ``IICError`` where values of the views' groups contradict each other.
  func checkViewValues() throws {
    if let sobel = views.sobel, let warp = sobel.fluidWarp, warp.cropSizes.isEmpty,
      warp.rotation > 0
    {
      throw Self.refusal(
        "`views.sobel.fluidWarp.rotation` is \(RecipeRule.decimal(warp.rotation)) where "
          + "`views.sobel.fluidWarp.cropSizes` is empty",
        "give crop sizes, such as [\(sobel.cropSize)], or null for "
          + "`views.sobel.fluidWarp`")
    }
    if let affine = views.patches?.affine, affine.greatestScale < affine.leastScale {
      throw Self.refusal(
        "`views.patches.affine.greatestScale` is \(RecipeRule.decimal(affine.greatestScale)), below "
          + "`leastScale`, \(RecipeRule.decimal(affine.leastScale))", "give as much or more")
    }
  }
}
