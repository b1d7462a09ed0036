// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "iic-bench",
  products: [.executable(name: "iic-bench", targets: ["iic-bench"])],
  dependencies: [
    .package(name: "iic", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .executableTarget(
      name: "iic-bench",
      dependencies: [
        .product(name: "IIC", package: "iic"), .product(name: "Raster", package: "iic"),
        .product(name: "Seg", package: "iic"), .product(name: "Tensor", package: "iic"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
