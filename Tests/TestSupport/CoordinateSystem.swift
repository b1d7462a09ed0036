/// Coordinate reference systems for rasters that tests make, as WKT.
public enum CoordinateSystem {
  /// WGS 84 / UTM zone 32N, EPSG:32632.
  public static let utmZone32North = utmNorth(zone: 32)

  /// WGS 84 / UTM of a zone, 1 to 60, of the northern hemisphere.
  public static func utmNorth(zone: Int) -> String {
    """
    PROJCS["WGS 84 / UTM zone \(zone)N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,\
    298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],\
    PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],\
    PARAMETER["central_meridian",\(6 * zone - 183)],PARAMETER["scale_factor",0.9996],\
    PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1],\
    AUTHORITY["EPSG","\(32600 + zone)"]]
    """
  }
}
