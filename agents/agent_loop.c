#include "io/store.h"
