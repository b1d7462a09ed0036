// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "iic",
  products: [
    .executable(name: "iic", targets: ["CLI"]),
    .library(name: "Tensor", targets: ["Tensor"]),
    .library(name: "IIC", targets: ["IIC"]),
    .library(name: "Raster", targets: ["Raster"]),
    .library(name: "Seg", targets: ["Seg"]),
    .library(name: "Classify", targets: ["Classify"]),
    .library(name: "Viewer", targets: ["Viewer"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    // System libraries, each imported by one target alone.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CGDAL", pkgConfig: "gdal", providers: [.apt(["libgdal-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CMatio", pkgConfig: "matio", providers: [.apt(["libmatio-dev"])]),
    // Has no file for pkg-config.
    .systemLibrary(name: "CVLFeat", providers: [.apt(["libvlfeat-dev"])]),

    // The engine.
    .target(name: "Kernels"),
    .target(name: "Tensor", dependencies: ["COpenBLAS", "Kernels"]),
    .target(
      name: "IIC",
      dependencies: [
        "Tensor", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Yams", package: "Yams"),
      ]),

    // Rasters in, label maps out. Knows no network.
    .target(name: "Raster", dependencies: ["CGDAL", "CMatio", "CPNG", "CVLFeat"]),

    // Dense clustering of rasters.
    .target(name: "Seg", dependencies: ["IIC", "Raster", "Tensor"]),

    // Clustering of whole images.
    .target(name: "Classify", dependencies: ["IIC", "Raster", "Tensor"]),

    // Label maps in a browser.
    .target(
      name: "Viewer", dependencies: ["Raster", .product(name: "FlyingFox", package: "FlyingFox")]),

    // The command.
    .executableTarget(
      name: "CLI",
      dependencies: [
        "Classify", "IIC", "Raster", "Seg", "Tensor", "Viewer",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests.
    .target(name: "TestSupport", dependencies: ["Tensor"], path: "Tests/TestSupport"),
    .testTarget(name: "TensorTests", dependencies: ["Tensor", "TestSupport"]),
    .testTarget(
      name: "IICTests", dependencies: ["IIC", "Tensor", "TestSupport"],
      resources: [.copy("Golden")]),
    .testTarget(
      name: "RasterTests", dependencies: ["Raster", "CGDAL", "TestSupport"],
      resources: [.copy("Golden")]),
    .testTarget(
      name: "SegTests", dependencies: ["Seg", "IIC", "Raster", "Tensor", "TestSupport"],
      resources: [.copy("Golden")]),
    .testTarget(
      name: "ClassifyTests", dependencies: ["Classify", "IIC", "Raster", "Tensor", "TestSupport"],
      resources: [.copy("Golden")]),
    .testTarget(name: "ViewerTests", dependencies: ["Viewer", "Raster", "TestSupport"]),
    .testTarget(
      name: "CLITests",
      dependencies: [
        "CLI", "IIC", "Raster", "Seg", "Tensor", "TestSupport",
        .product(name: "FlyingFox", package: "FlyingFox"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
