#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <gdal_alg.h>
#include <gdal_utils.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

// GDAL initialises this argument with a macro, which Swift does not import.
static inline GDALRasterIOExtraArg cgdal_extra_argument(GDALRIOResampleAlg resampling) {
  GDALRasterIOExtraArg argument;
  INIT_RASTERIO_EXTRA_ARG(argument);
  argument.eResampleAlg = resampling;
  return argument;
}
