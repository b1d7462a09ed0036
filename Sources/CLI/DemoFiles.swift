import Foundation
import Raster
import Seg

/// The files of a demo, all in one folder.
struct DemoFiles {
  let folder: String

  var scene: String { path("scene.tif") }
  var truth: String { path("truth.tif") }
  var labels: String { path("labels.tif") }
  var model: String { path("model.safetensors") }
  var picture: String { path("picture.png") }

  private var all: [String] { [scene, truth, labels, model, picture] }
  /// Marks a scene as a demo's own.
  private static let seedItem = "IIC_DEMO_SEED"

  /// The truth's legend.
  static var classes: [LabelMapClass] {
    DemoScene.Class.allCases.map { entry in
      let (red, green, blue) = entry.colour
      return LabelMapClass(
        name: entry.name, colour: RGBColour(red: red, green: green, blue: blue))
    }
  }

  /// Makes the folder if need be, and checks that the files can be written there. Those of an
  /// earlier demo may be replaced; others only if `overwrite` says so.
  func prepare(overwrite: Bool) throws {
    if !FileManager.default.fileExists(atPath: folder) {
      guard mkdir(folder, 0o777) == 0 else {
        throw CommandError(
          "cannot make the folder \(folder): \(String(cString: strerror(errno)).lowercased())",
          remedy: "give one whose own folder exists and is writable, with -o")
      }
    }
    let isOwn =
      (try? RasterFile.open(scene).description.metadata[Self.seedItem] != nil) ?? false
    for path in all { try OutputPath.check(path, overwrite: overwrite || isOwn) }
  }

  /// Writes a scene and its truth.
  func write(_ scene: DemoScene, seed: UInt64) throws {
    let grid = Self.grid(size: scene.size)
    var image = try RasterWriter(
      path: self.scene, overwrite: true, grid: grid,
      bandNames: ["red", "green", "blue", "near infrared"], dataType: .uint8,
      metadata: [Self.seedItem: String(seed)])
    try image.write(scene.values.map(Float.init), in: grid.fullWindow)
    try image.publish()
    var truth = try LabelMapWriter(
      path: self.truth, overwrite: true, grid: grid, classes: Self.classes)
    try truth.write(scene.truth, in: grid.fullWindow)
    try truth.publish()
  }

  /// A place for a place that does not exist: pixels of 30 cm in the North Sea, in UTM zone 32N.
  private static func grid(size: Int) -> RasterGrid {
    RasterGrid(
      width: size, height: size, geoTransform: [400_000, 0.3, 0, 6_100_000, 0, -0.3],
      coordinateSystem: """
        PROJCS["WGS 84 / UTM zone 32N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",\
        6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],\
        PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,\
        AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]],PROJECTION["Transverse_Mercator"],\
        PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",9],\
        PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],\
        PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],\
        AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["EPSG","32632"]]
        """)
  }

  private func path(_ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}
