public import IIC

/// What there is to know of COCO-Stuff: how its 182 fine classes are put together.
public enum CocoStuff {
  /// Which classes an experiment tells apart; the others are masked out of loss and score.
  public enum Classes: String, Sendable, CaseIterable {
    /// The 15 coarse classes of stuff: COCO-Stuff in the paper.
    case stuff
    /// Sky, plants and ground: COCO-Stuff-3.
    case few

    /// Their names, in the order of their numbers.
    public var names: [String] {
      switch self {
      case .stuff: Array(CocoStuff.coarseNames[CocoStuff.firstStuff...])
      case .few: CocoStuff.fewIndices.map { CocoStuff.coarseNames[$0] }
      }
    }

    /// The published list of images of COCO-Stuff 164k that are learned from, by its version.
    public func curatedList(version: Int) -> String {
      switch self {
      case .stuff: "Coco164kFull_Stuff_Coarse_\(version)"
      case .few: "Coco164kFew_Stuff_\(version)"
      }
    }

    /// The version of the list that the published results were got with.
    public var publishedVersion: Int { self == .few ? 6 : 7 }

    /// The class of each fine index, or ``PatchImage/noLabel``.
    public var ofFineIndex: [UInt8] {
      CocoStuff.coarseOfFine.map { coarse in
        switch self {
        case .stuff:
          Int(coarse) >= CocoStuff.firstStuff
            ? coarse - UInt8(CocoStuff.firstStuff) : PatchImage.noLabel
        case .few:
          CocoStuff.fewIndices.firstIndex(of: Int(coarse)).map { UInt8($0) } ?? PatchImage.noLabel
        }
      }
    }
  }

  /// The 27 coarse classes: twelve kinds of things, fifteen of stuff.
  public static let coarseNames = [
    "electronic-things", "appliance-things", "food-things", "furniture-things", "indoor-things",
    "kitchen-things", "accessory-things", "animal-things", "outdoor-things", "person-things",
    "sports-things", "vehicle-things", "ceiling-stuff", "floor-stuff", "food-stuff",
    "furniture-stuff", "rawmaterial-stuff", "textile-stuff", "wall-stuff", "window-stuff",
    "building-stuff", "ground-stuff", "plant-stuff", "sky-stuff", "solid-stuff",
    "structural-stuff", "water-stuff",
  ]
  /// The first coarse class that is stuff.
  static let firstStuff = 12
  /// Sky, plants, ground.
  static let fewIndices = [23, 22, 21]

  /// The coarse class of each of the 182 fine ones: 91 of things, then 91 of stuff.
  public static let coarseOfFine: [UInt8] = [
    9, 11, 11, 11, 11, 11, 11, 11, 11, 8, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6,
    6, 6, 6, 6, 6, 6, 6, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 5, 5, 5, 5, 5, 5, 5, 5, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0, 0, 1,
    1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 4, 4, 17, 17, 22, 20, 20, 22, 15, 25, 16, 13, 12, 12, 17,
    17, 23, 15, 15, 17, 15, 21, 15, 25, 13, 13, 13, 13, 13, 22, 26, 14, 14, 15, 22, 21, 21, 24, 20,
    22, 15,
    17, 16, 15, 22, 24, 21, 17, 25, 16, 21, 17, 22, 16, 21, 21, 25, 21, 26, 21, 24, 20, 17, 14, 21,
    26, 15,
    23, 20, 21, 24, 15, 24, 22, 25, 15, 20, 17, 17, 22, 14, 18, 18, 18, 18, 18, 18, 18, 26, 26, 19,
    19, 24,
  ]

  /// Where it comes from and what it holds.
  public static let description = DatasetDescription(
    name: "coco-stuff",
    title: "COCO-Stuff: photographs with a class at every pixel, 15 coarse classes of stuff or 3",
    origin: "https://github.com/nightrome/cocostuff",
    licence: "annotations CC BY 4.0; the photographs under the terms of Flickr",
    checksumSource: nil,
    archives: [
      .init(name: "train2017.zip", md5: nil), .init(name: "val2017.zip", md5: nil),
      .init(name: "stuffthingmaps_trainval2017.zip", md5: nil),
      .init(name: "cocostuff-10k-v1.1.zip", md5: nil),
    ],
    layout: [
      "164k: images/{train,val}2017/*.jpg, annotations/{train,val}2017/*.png (0 to 181, 255 none),",
      "  and the lists of Ji et al., curated/{train,val}2017/Coco164kFew_Stuff_6.txt and",
      "  Coco164kFull_Stuff_Coarse_7.txt",
      "10k: imageLists/{train,test,all}.txt, images/*.jpg, annotations/*.mat (S: 0 none, 1 to 182)",
    ],
    splits: [.init(name: "train", images: nil), .init(name: "val", images: nil)],
    classNames: Classes.stuff.names)
}
