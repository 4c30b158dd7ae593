/*
 * user_names.h - messages by the names that users know, for refusals. NULL: none is known.
 */
#ifndef CONNECT_USER_NAMES_H
#define CONNECT_USER_NAMES_H

#include "connect/messages.h"

const char *relation_user_name(const SC(Relation) * in);
const char *command_user_name(const SC(Command) * in);
const char *catalog_user_name(const SC(Catalog) * in);

#endif
