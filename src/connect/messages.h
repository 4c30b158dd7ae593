/*
 * messages.h - the generated message types under shorter names.
 *
 * SC(Relation) is the struct, SC_DESC(relation) its descriptor, and the tags of a oneof are written
 * REL(READ), EXPR(LITERAL) and so on.
 */
#ifndef CONNECT_MESSAGES_H
#define CONNECT_MESSAGES_H

#include "spark/connect/base.pb-c.h"
#include "spark/connect/relations.pb-c.h"

/* Fields that newer clients no longer send are still sent by older ones. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define SC(name) Spark__Connect__##name
#define SC_DESC(name) (&spark__connect__##name##__descriptor)
#define REL(name) SPARK__CONNECT__RELATION__REL_TYPE_##name
#define EXPR(name) SPARK__CONNECT__EXPRESSION__EXPR_TYPE_##name
#define LIT(name) SPARK__CONNECT__EXPRESSION__LITERAL__LITERAL_TYPE_##name
#define KIND(name) SPARK__CONNECT__DATA_TYPE__KIND_##name
#define CMD(name) SPARK__CONNECT__COMMAND__COMMAND_TYPE_##name
#define CAT(name) SPARK__CONNECT__CATALOG__CAT_TYPE_##name

#endif
