internal import Foundation
internal import Raster

/// Tiles of the Potsdam benchmark found in folders, checked by their headers: all of one size, each
/// with its label image or without one.
struct PotsdamTiles: Sendable {
  struct Tile: Sendable, Equatable {
    /// As in `top_potsdam_2_10`.
    let name: String
    let image: String
    let label: String?
  }

  /// In the order of their names.
  let tiles: [Tile]
  let bandNames: [String]
  let width: Int
  let height: Int

  /// Columns and rows of blocks that each tile is cut into.
  var blockColumns: Int { width / Potsdam.tileBlockSide }
  var blockRows: Int { height / Potsdam.tileBlockSide }
  var blocksPerTile: Int { blockColumns * blockRows }

  /// Finds tiles in `images` and their labels in `labels`, and opens each.
  ///
  /// - Throws: ``SegError`` naming every file that does not fit.
  init(images: String, labels: String) throws {
    let imageNames = try Self.names(in: images, operation: "prepare")
    let kinds = Potsdam.kinds.filter { kind in
      imageNames.contains { $0.hasSuffix(kind.suffix) }
    }
    guard let kind = kinds.first else {
      throw SegError(
        operation: "prepare", path: images,
        reason: "holds no tile named as top_potsdam_2_10_RGBIR.tif",
        remedy: "name the folder of the unpacked 4_Ortho_RGBIR.zip")
    }
    guard kinds.count == 1 else {
      throw SegError(
        operation: "prepare", path: images,
        reason: "holds tiles of several kinds (\(kinds.map(\.suffix).joined(separator: ", ")))",
        remedy: "name a folder with one kind")
    }
    func stems(_ names: [String], _ suffix: String) -> [String] {
      names.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
    }
    let found = stems(imageNames, kind.suffix)
    let labelled = stems(
      try Self.names(in: labels, operation: "prepare"), Potsdam.labelSuffix)
    let strays = labelled.filter { !found.contains($0) }
    guard strays.isEmpty else {
      throw SegError.listing(
        strays.map { ("\($0)\(Potsdam.labelSuffix)", "there is no \($0)\(kind.suffix)") },
        operation: "prepare", path: labels, what: "label",
        remedy: "name the folders of one set of tiles, or leave such labels out")
    }
    guard !labelled.isEmpty else {
      throw SegError(
        operation: "prepare", path: labels,
        reason: "holds no label named as top_potsdam_2_10_label.tif",
        remedy: "name the folder of the unpacked 5_Labels_for_participants.zip")
    }
    tiles = found.map { name in
      Tile(
        name: name, image: "\(images)/\(name)\(kind.suffix)",
        label: labelled.contains(name) ? "\(labels)/\(name)\(Potsdam.labelSuffix)" : nil)
    }
    bandNames = kind.bandNames
    (width, height) = try Self.check(tiles, bandCount: kind.bandNames.count, folder: images)
  }

  static func names(in folder: String, operation: String) throws -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw SegError(
        operation: operation, path: folder, reason: "is no folder that can be listed",
        remedy: "check the path")
    }
    return names
  }

  /// The size of all tiles; throws naming those that have another.
  private static func check(
    _ tiles: [Tile], bandCount: Int, folder: String
  ) throws -> (width: Int, height: Int) {
    var problems: [(String, String)] = []
    var size: (width: Int, height: Int)?
    func open(_ path: String, bands: Int) -> RasterDescription? {
      do {
        let description = try RasterFile.open(path).description
        guard description.bands.count == bands,
          description.bands.allSatisfy({ $0.dataType == .uint8 })
        else {
          problems.append((path, "it has not \(bands) bands of 8 bits"))
          return nil
        }
        return description
      } catch let error as RasterError {
        problems.append((path, error.reason))
      } catch {
        problems.append((path, "\(error)"))
      }
      return nil
    }
    for tile in tiles {
      if let image = open(tile.image, bands: bandCount) {
        let own = (image.width, image.height)
        if own.0 % Potsdam.tileBlockSide != 0 || own.1 % Potsdam.tileBlockSide != 0 {
          problems.append(
            (
              tile.image,
              "\(own.0) × \(own.1) pixels are not blocks of \(Potsdam.tileBlockSide)"
            ))
        } else if let size, size != own {
          problems.append(
            (
              tile.image,
              "\(own.0) × \(own.1) pixels, where the first tile has \(size.width) × \(size.height)"
            ))
        } else {
          size = own
        }
        if let path = tile.label, let label = open(path, bands: 3),
          (label.width, label.height) != own
        {
          problems.append(
            (
              path,
              "\(label.width) × \(label.height) pixels, where its image has \(own.0) × \(own.1)"
            ))
        }
      } else if let path = tile.label {
        _ = open(path, bands: 3)
      }
    }
    guard problems.isEmpty, let size else {
      throw SegError.listing(
        problems, operation: "prepare", path: folder, what: "file",
        remedy: "get these files again, or leave their tiles out")
    }
    return size
  }
}
