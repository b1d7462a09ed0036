public import IIC
public import Raster

/// What there is to know of ISPRS's Potsdam benchmark: classes, colours, names of files, sizes.
public enum Potsdam {
  /// The six classes in the order of the published labels.
  public static let classNames = [
    "roads", "buildings", "low vegetation", "trees", "cars", "clutter",
  ]
  /// The colour of each class in the benchmark's label images.
  public static let colours = [
    RGBColour(red: 255, green: 255, blue: 255), RGBColour(red: 0, green: 0, blue: 255),
    RGBColour(red: 0, green: 255, blue: 255), RGBColour(red: 0, green: 255, blue: 0),
    RGBColour(red: 255, green: 255, blue: 0), RGBColour(red: 255, green: 0, blue: 0),
  ]
  /// The three coarse classes of Potsdam-3.
  public static let coarseClassNames = [
    "roads and cars", "buildings and clutter", "vegetation and trees",
  ]
  /// The coarse class of each of the six.
  public static let coarseClasses: [UInt8] = [0, 1, 2, 2, 0, 1]

  /// Sides of the blocks that tiles are cut into, in pixels of the tile and once halved.
  static let tileBlockSide = 400
  static let blockSide = 200

  /// The lists of blocks: those without labels, those with, and those of them kept for scoring.
  public static let lists = ["unlabelled_train", "labelled_train", "labelled_test"]
  /// The lists whose blocks have labels.
  static let labelledLists = ["labelled_train", "labelled_test"]
  /// The file that marks a prepared folder and says how it was made.
  static let marker = "dataset.json"

  /// The kinds of tile that are read, by how their names end, with the bands that they hold.
  static let kinds: [(suffix: String, bandNames: [String])] = [
    ("_RGBIR.tif", ["red", "green", "blue", "near infrared"]),
    ("_IRRG.tif", ["near infrared", "red", "green"]),
    ("_RGB.tif", ["red", "green", "blue"]),
  ]
  static let labelSuffix = "_label.tif"

  /// Where it comes from and what it holds.
  public static let description = DatasetDescription(
    name: "potsdam",
    title: "ISPRS Potsdam: aerial tiles of 5 cm a pixel, red, green, blue, infra-red, 6 classes",
    origin: "https://www.isprs.org/education/benchmarks/UrbanSemLab/2d-sem-label-potsdam.aspx",
    licence: "for research, as ISPRS and BSF Swissphoto state it on that page; cite them",
    checksumSource: nil,
    archives: [
      .init(name: "4_Ortho_RGBIR.zip", md5: nil),
      .init(name: "5_Labels_for_participants.zip", md5: nil),
    ],
    layout: [
      "38 tiles of 6000 × 6000 pixels, top_potsdam_R_C_RGBIR.tif, and for 24 of them "
        + "top_potsdam_R_C_label.tif",
      "to be cut into 8,550 blocks of 200 × 200 pixels at half size:",
      "  iic datasets prepare potsdam --images 4_Ortho_RGBIR --labels 5_Labels_for_participants "
        + "-o potsdam",
      "or the blocks as Ji et al. made them: imgs/N.mat, gt/N.mat, and the three lists",
    ],
    splits: [
      .init(name: "unlabelled_train", images: 3_150, isLabelled: false),
      .init(name: "labelled_train", images: 4_545), .init(name: "labelled_test", images: 855),
    ],
    classNames: classNames)
}
