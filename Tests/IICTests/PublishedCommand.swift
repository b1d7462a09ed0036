import Foundation

/// A published run, as its command line gave it, with what each program took where nothing was given:
/// the settings that its recipe must show, by the recipe's keys.
struct PublishedCommand {
  let recipe: String
  let percent: Double?
  let run: Int
  private let program: String
  private let flags: [String: [String]]

  /// The runs of `Golden/published-runs.txt`.
  static func all(in folder: URL) throws -> [PublishedCommand] {
    let text = try String(
      contentsOf: folder.appending(component: "published-runs.txt"), encoding: .utf8)
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { PublishedCommand($0) }
  }

  private init(_ line: Substring) {
    let words = line.split(separator: " ").map(String.init)
    recipe = words[0]
    percent = Double(words[1])
    run = Int(words[2]) ?? -1
    program = words[3]
    var flags: [String: [String]] = [:]
    var flag = ""
    for word in words.dropFirst(4) {
      if word.hasPrefix("--") {
        flag = String(word.dropFirst(2))
        flags[flag] = []
      } else {
        flags[flag]?.append(word)
      }
    }
    self.flags = flags
  }

  private func has(_ flag: String) -> Bool { flags[flag] != nil }

  private func value(_ flag: String, default other: String = "?") -> String {
    flags[flag]?.first ?? other
  }

  private func truth(_ condition: Bool) -> String { condition ? "true" : "false" }

  private var isTwoHeaded: Bool { has("output_k_A") }
  private var isSegmentation: Bool { program.hasPrefix("segmentation") }
  private var isGrey: Bool { program.hasPrefix("cluster_greyscale") }

  /// The settings, all but the recipe's name and description.
  ///
  /// - Parameter runs: all runs, among them the one that a fine-tuned trunk comes from.
  func settings(among runs: [PublishedCommand]) -> [String: String] {
    guard program == "IID_semisup_STL10" else { return clusteringSettings() }
    let trunk = runs.first { "\($0.run)" == value("old_model_ind") }!
    // Data, network, batches and views are the trunk's, without unlabelled images and repeats.
    var settings = trunk.clusteringSettings()
    settings["data.unlabelled"] = "omitted"
    settings["training.repeats"] = "1"
    settings["training.epochs"] = value("num_epochs", default: "3200")
    settings["training.learningRate"] = value("head_lr")
    settings["training.learningRateFactor"] = "0.5"
    settings["fineTuning.trunk"] = trunk.recipe
    settings["fineTuning.head"] = value("arch")
    settings["fineTuning.trunkLearningRate"] = value("trunk_lr")
    settings["fineTuning.penultimateFeatures"] = truth(has("penultimate_features"))
    if has("random_affine") {
      settings["views.sobel.affine.probability"] = value("affine_p", default: "0.5")
    }
    if has("cutout") {
      settings["views.sobel.cutout.probability"] = value("cutout_p", default: "0.5")
      settings["views.sobel.cutout.largestPart"] = value("cutout_max_box", default: "0.5")
    }
    return settings
  }

  private func clusteringSettings() -> [String: String] {
    dataSettings().merging(networkSettings()) { $1 }.merging(trainingSettings()) { $1 }
      .merging(isSegmentation ? patchSettings() : isGrey ? greySettings() : sobelSettings()) { $1 }
      .merging([
        "evaluation.alsoByBatchStatistics": truth(has("double_eval")),
        "evaluation.pictureEvery":
          has("save_progression") ? value("save_freq", default: "10") : "0",
      ]) { $1 }
  }

  private func dataSettings() -> [String: String] {
    let names = [
      "MNIST": "mnist", "CIFAR10": "cifar10", "CIFAR20": "cifar20", "STL10": "stl10",
      "Potsdam": "potsdam", "Coco164kCuratedFew": "coco-stuff-3",
      "Coco164kCuratedFull": "coco-stuff",
    ]
    var settings = [
      "data.dataset": names[value("dataset")] ?? "?", "data.mode": value("mode"),
      "data.trueClasses": value("gt_k"),
    ]
    if value("dataset") == "STL10" {
      settings["data.unlabelled"] =
        has("stl_leave_out_unlabelled") ? "omitted" : has("mix_train") ? "mixed" : "?"
    }
    if isSegmentation { settings["data.coarseLabels"] = truth(has("use_coarse_labels")) }
    settings["data.curatedVersion"] = flags["coco_164k_curated_version"]?.first
    return settings
  }

  private func networkSettings() -> [String: String] {
    let hasSobel = !isGrey && !has("no_sobel")
    let colours = has("include_rgb") ? 3 : 0
    let infrared = value("dataset") == "Potsdam" ? 1 : 0
    let channels = isGrey ? 1 : colours + infrared + (hasSobel ? 2 : 0)
    var settings = [
      "network.architecture": value("arch"), "network.inputChannels": "\(channels)",
      "network.inputSize": value("input_sz"),
      "network.classes": isTwoHeaded ? value("output_k_B") : value("output_k"),
      "network.subHeads": value("num_sub_heads", default: "5"), "network.width": "1",
      "network.sobel": truth(hasSobel), "network.includeRGB": truth(has("include_rgb")),
      "network.batchNormTracking": truth(has("batchnorm_track")),
    ]
    settings["network.overclusters"] = flags["output_k_A"]?.first
    return settings
  }

  private func trainingSettings() -> [String: String] {
    let lambda = value("lamb", default: "1.0")
    // Segmentation always trained head A first.
    let isAFirst = isTwoHeaded && (isSegmentation || has("head_A_first"))
    var settings = [
      "training.epochs": value("num_epochs"), "training.pairs": value("batch_sz"),
      "training.repeats": value("num_dataloaders", default: "3"),
      "training.learningRate": value("lr"), "training.learningRateDrops": "[]",
      "training.learningRateFactor": "0.1", "training.firstHead": isAFirst ? "A" : "B",
      "training.headB.passes": value("head_B_epochs", default: "1"),
      "training.headB.lambda": value("lamb_B", default: lambda),
      "training.headAUntrained": "false",
    ]
    if isTwoHeaded {
      settings["training.headA.passes"] = value("head_A_epochs", default: "1")
      settings["training.headA.lambda"] = value("lamb_A", default: lambda)
    }
    return settings
  }

  private func jitter(_ group: String) -> [String: String] {
    [
      "\(group).brightness": value("jitter_brightness", default: "0.4"),
      "\(group).contrast": value("jitter_contrast", default: "0.4"),
      "\(group).saturation": value("jitter_saturation", default: "0.4"),
      "\(group).hue": value("jitter_hue", default: "0.125"),
    ]
  }

  private func sobelSettings() -> [String: String] {
    jitter("views.sobel.jitter")
      .merging(["views.sobel.cropSize": has("crop_orig") ? value("rand_crop_sz") : "?"]) { $1 }
  }

  private func greySettings() -> [String: String] {
    let crops = ["random": "random", "centre_half": "centreHalf", "centre": "centre"]
    let sizes = (flags["tf2_crop_szs"] ?? []).joined(separator: ", ")
    return jitter("views.greyscale.jitter").merging([
      "views.greyscale.firstCrop": crops[value("tf1_crop")] ?? "?",
      "views.greyscale.firstCropSize": has("crop_orig") ? value("tf1_crop_sz") : "?",
      "views.greyscale.secondCrop": crops[value("tf2_crop")] ?? "?",
      "views.greyscale.secondCropSizes": has("crop_other") ? "[\(sizes)]" : "[]",
      "views.greyscale.rotation": value("rot_val", default: "0"),
      "views.greyscale.alwaysRotates": truth(has("always_rot")),
      "views.greyscale.flips": truth(!has("no_flip")),
    ]) { $1 }
  }

  private func patchSettings() -> [String: String] {
    // Nothing is displaced at random before the dense displacements.
    let isPlain =
      value("half_T_side_sparse_min") == "0" && value("half_T_side_sparse_max") == "0"
    return jitter("views.patches.jitter").merging([
      "views.patches.preScale": has("pre_scale_all") ? value("pre_scale_factor") : "1",
      "views.patches.flipProbability": value("flip_p", default: "0.5"),
      "denseLoss.displacement": isPlain ? value("half_T_side_dense") : "?",
      "denseLoss.collapsed": truth(!has("use_uncollapsed_loss")),
    ]) { $1 }
  }
}
