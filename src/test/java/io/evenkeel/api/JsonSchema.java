package io.evenkeel.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * As much of JSON Schema 2020-12 as docs/status.schema.json uses; a keyword that it does not know fails the validation,
 * so that none is silently ignored. A keyword that is about another type than the value has says nothing.
 */
public final class JsonSchema {

    private static final Set<String> ANNOTATIONS = Set.of("$schema", "$id", "title", "description", "$defs");

    private final JsonNode root;
    private final List<String> problems = new ArrayList<>();

    private JsonSchema(JsonNode root) {
        this.root = root;
    }

    /** What is wrong with {@code value}, one line each; empty if it is valid. */
    public static List<String> problems(JsonNode schema, JsonNode value) {
        JsonSchema validation = new JsonSchema(schema);
        validation.validate(schema, value, "$");
        return validation.problems;
    }

    private void validate(JsonNode schema, JsonNode value, String at) {
        for (Map.Entry<String, JsonNode> keyword : schema.properties()) {
            String name = keyword.getKey();
            if (!ANNOTATIONS.contains(name)) validate(name, keyword.getValue(), schema, value, at);
        }
    }

    private void validate(String keyword, JsonNode rule, JsonNode schema, JsonNode value, String at) {
        switch (keyword) {
            case "$ref" -> validate(root.at(rule.stringValue().substring(1)), value, at);
            case "type" -> require(isOf(rule.stringValue(), value), at, "is not of type " + rule);
            case "const" -> require(rule.equals(value), at, "is not " + rule);
            case "enum" -> require(rule.valueStream().anyMatch(value::equals), at, "is none of " + rule);
            case "minimum" ->
                require(!value.isNumber() || value.longValue() >= rule.longValue(), at, "is below " + rule);
            case "maximum" ->
                require(!value.isNumber() || value.longValue() <= rule.longValue(), at, "is above " + rule);
            case "minLength" ->
                require(!value.isString() || value.stringValue().length() >= rule.intValue(), at, "is too short");
            case "pattern" ->
                require(
                        !value.isString()
                                || Pattern.compile(rule.stringValue())
                                        .matcher(value.stringValue())
                                        .find(),
                        at,
                        "does not look like " + rule);
            case "required" -> rule.forEach(name -> require(value.has(name.stringValue()), at, "lacks " + name));
            case "properties" ->
                rule.properties().stream()
                        .filter(p -> value.has(p.getKey()))
                        .forEach(p -> validate(p.getValue(), value.get(p.getKey()), at + "." + p.getKey()));
            case "additionalProperties" ->
                value.properties().stream()
                        .filter(p -> !schema.path("properties").has(p.getKey()))
                        .forEach(p -> validate(rule, p.getValue(), at + "." + p.getKey()));
            case "propertyNames" ->
                value.properties()
                        .forEach(p -> require(
                                rule.get("enum")
                                        .valueStream()
                                        .anyMatch(n -> n.stringValue().equals(p.getKey())),
                                at,
                                "has the name " + p.getKey()));
            case "items" -> {
                for (int i = 0; i < value.size(); i++) validate(rule, value.get(i), at + "[" + i + "]");
            }
            case "anyOf" ->
                require(
                        rule.valueStream().anyMatch(one -> {
                            JsonSchema alone = new JsonSchema(root);
                            alone.validate(one, value, at);
                            return alone.problems.isEmpty();
                        }),
                        at,
                        "fits none of " + rule);
            default -> problems.add("the schema uses " + keyword + ", which this validator does not know");
        }
    }

    private void require(boolean holds, String at, String otherwise) {
        if (!holds) problems.add(at + " " + otherwise);
    }

    private static boolean isOf(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "integer" -> value.isIntegralNumber();
            case "boolean" -> value.isBoolean();
            default -> throw new IllegalArgumentException("type " + type);
        };
    }
}
