/* The API as an OpenAPI 3.1 document, made from the descriptors of proto/: it cannot say other than
 * what the server does. `kith-web --openapi` prints it. */
#pragma once

#include "io/json.h"

/* Yours to destroy. */
kith_json_t *openapi_document(void);
