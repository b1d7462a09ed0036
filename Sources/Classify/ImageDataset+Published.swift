internal import IIC

extension ImageDataset {
  private static let noLicence = "none stated by the authors; ask them, and cite them"

  /// Handwritten digits.
  public static let mnist = ImageDataset(
    description: DatasetDescription(
      name: "mnist", title: "MNIST: handwritten digits, 28 × 28, grey",
      origin: "http://yann.lecun.com/exdb/mnist/",
      licence: "CC BY-SA 3.0, as those say who pass it on; Yann LeCun and Corinna Cortes hold the "
        + "copyright",
      checksumSource: "torchvision",
      archives: [
        .init(name: "train-images-idx3-ubyte.gz", md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        .init(name: "train-labels-idx1-ubyte.gz", md5: "d53e105ee54ea40749a09fcbcd1e9432"),
        .init(name: "t10k-images-idx3-ubyte.gz", md5: "9fb629c4189551a2d022fa330f9573f3"),
        .init(name: "t10k-labels-idx1-ubyte.gz", md5: "ec29112dd5afa0611ce80d1b7f02629c"),
      ],
      layout: [
        "the four files above, compressed or not, with - or . before idx",
        "IDX: a header with the extents in big-endian numbers, then a byte a pixel or label",
      ],
      splits: [.init(name: "train", images: 60_000), .init(name: "test", images: 10_000)],
      classNames: (0...9).map { "\($0)" }),
    format: IDXFormat(archive: "mnist", classes: 10))

  /// Photographs of ten kinds of things.
  public static let cifar10 = ImageDataset(
    description: DatasetDescription(
      name: "cifar10", title: "CIFAR-10: photographs of ten kinds, 32 × 32, RGB",
      origin: "https://www.cs.toronto.edu/~kriz/cifar.html", licence: noLicence,
      checksumSource: "the authors",
      archives: [
        .init(name: "cifar-10-binary.tar.gz", md5: "c32a1d4ab5d03f1284b67883e8d87530")
      ],
      layout: [
        "the archive of the binary version, or data_batch_1.bin … data_batch_5.bin and "
          + "test_batch.bin out of it",
        "records of 3,073 bytes: the label, then the red, the green and the blue plane by rows",
      ],
      splits: [.init(name: "train", images: 50_000), .init(name: "test", images: 10_000)],
      classNames: CIFARClasses.ten),
    format: CIFARFormat(
      archive: "cifar-10", labelBytes: 1, labelByte: 0, classes: 10,
      fileNames: [
        "train": (1...5).map { "data_batch_\($0).bin" }, "test": ["test_batch.bin"],
      ],
      publishedImages: ["train": 10_000, "test": 10_000]))

  /// Photographs of a hundred kinds of things.
  public static let cifar100 = cifarHundred(
    name: "cifar100", title: "CIFAR-100: photographs of a hundred kinds, 32 × 32, RGB",
    labelByte: 1, classNames: CIFARClasses.hundred)

  /// The same photographs, by their twenty superclasses.
  public static let cifar20 = cifarHundred(
    name: "cifar20", title: "CIFAR-100 by its twenty superclasses, 32 × 32, RGB",
    labelByte: 0, classNames: CIFARClasses.twenty)

  private static func cifarHundred(
    name: String, title: String, labelByte: Int, classNames: [String]
  ) -> ImageDataset {
    ImageDataset(
      description: DatasetDescription(
        name: name, title: title, origin: "https://www.cs.toronto.edu/~kriz/cifar.html",
        licence: noLicence, checksumSource: "the authors",
        archives: [
          .init(name: "cifar-100-binary.tar.gz", md5: "03b5dce01913d631647c71ecec9e9cb8")
        ],
        layout: [
          "the archive of the binary version, or train.bin and test.bin out of it",
          "records of 3,074 bytes: superclass, class, then the red, the green and the blue plane "
            + "by rows",
        ],
        splits: [.init(name: "train", images: 50_000), .init(name: "test", images: 10_000)],
        classNames: classNames),
      format: CIFARFormat(
        archive: "cifar-100", labelBytes: 2, labelByte: labelByte, classes: classNames.count,
        fileNames: ["train": ["train.bin"], "test": ["test.bin"]],
        publishedImages: ["train": 50_000, "test": 10_000]))
  }

  /// Photographs of ten kinds of things, few of them labelled.
  public static let stl10 = ImageDataset(
    description: DatasetDescription(
      name: "stl10", title: "STL-10: photographs of ten kinds, most without label, 96 × 96, RGB",
      origin: "https://cs.stanford.edu/~acoates/stl10/",
      licence: noLicence + "; the photographs come from ImageNet", checksumSource: "torchvision",
      archives: [.init(name: "stl10_binary.tar.gz", md5: "91f7769df0f17e558f3565bffb0c7dfb")],
      layout: [
        "the archive of the binary version, or train_X.bin, train_y.bin, test_X.bin, test_y.bin "
          + "and unlabeled_X.bin",
        "out of it; unpacked they are read much faster",
        "X: 27,648 bytes an image, the red, the green and the blue plane by columns",
        "y: a label byte an image, from 1",
      ],
      splits: [
        .init(name: "train", images: 5_000),
        .init(name: "unlabelled", images: 100_000, isLabelled: false),
        .init(name: "test", images: 8_000),
      ],
      classNames: [
        "airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck",
      ]),
    format: STLFormat(publishedImages: ["train": 5_000, "unlabelled": 100_000, "test": 8_000]))
}
