#include <vl/dsift.h>
