/* Who is at which connection of a server: ROUTER's own connection ids on one side, on the other
 * routes that are never used twice, so that what was meant for one peer can not reach the next.
 *
 * Bounded: an identity that dials again and again loses its own oldest route, never another's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_USER_SIZE 64

typedef struct link_routes link_routes_t;

/* capacity: routes in all; each_max: of one (user, uid). Both above 0. */
link_routes_t *link_routes_new(uint32_t capacity, uint32_t each_max);
void link_routes_destroy(link_routes_t **self_p);

/* The route of a connection that was just heard; a new one when it is not known, or was known as
 * somebody else's. Never 0. user: shorter than LINK_USER_SIZE. */
uint64_t link_routes_heard(link_routes_t *self, uint32_t connection, const char *user,
                           uint32_t uid);
/* false: that route is forgotten. */
bool link_routes_find(const link_routes_t *self, uint64_t route, uint32_t *ret_connection);
/* Does nothing with one that is not known. */
void link_routes_forget(link_routes_t *self, uint64_t route);
