package peer;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.operaton.bpm.engine.history.HistoricProcessInstanceQuery;
import org.operaton.bpm.engine.query.Query;
import org.operaton.bpm.engine.runtime.ProcessInstanceQuery;

/** Queries given as JSON: each member, named as in the REST API, is a method of the Java API's query. */
final class Queries {

  private Queries() { }

  /** Where the method is not called as the member is. */
  private static final Map<String, String> METHODS = Map.of("businessKey", "processInstanceBusinessKey",
      "businessKeyLike", "processInstanceBusinessKeyLike");
  private static final Map<String, String> OPERATORS = Map.of("eq", "Equals", "neq", "NotEquals", "gt", "GreaterThan",
      "gteq", "GreaterThanOrEqual", "lt", "LessThan", "lteq", "LessThanOrEqual", "like", "Like");
  private static final Map<String, String> VARIABLES = Map.of("variables", "variableValue", "processVariables", "processVariableValue");

  static <Q extends Query<?, ?>> Q query(Q query, JsonNode conditions) {
    conditions.fields().forEachRemaining(condition -> {
      String name = METHODS.getOrDefault(condition.getKey(), condition.getKey());
      JsonNode value = condition.getValue();
      if (VARIABLES.containsKey(name)) {
        for (JsonNode variable : value)
          call(query, VARIABLES.get(name) + OPERATORS.get(variable.get("operator").asText()),
              variable.get("name").asText(), Values.value(variable.get("value")));
      } else if (name.equals("orQueries")) {
        value.forEach(alternative -> or(query, alternative));
      } else if (value.isBoolean() && has(query, name, 0)) {
        if (value.asBoolean()) call(query, name);
      } else {
        call(query, name, value);
      }
    });
    return query;
  }

  private static void or(Query<?, ?> query, JsonNode alternative) {
    if (query instanceof ProcessInstanceQuery running) query(running.or(), alternative).endOr();
    else if (query instanceof HistoricProcessInstanceQuery historic) query(historic.or(), alternative).endOr();
    else throw new IllegalArgumentException("no orQueries in " + query);
  }

  private static boolean has(Object query, String name, int arguments) {
    for (Method method : query.getClass().getMethods())
      if (method.getName().equals(name) && method.getParameterCount() == arguments) return true;
    return false;
  }

  private static void call(Object query, String name, Object... arguments) {
    for (Method method : query.getClass().getMethods()) {
      if (!method.getName().equals(name) || method.getParameterCount() != arguments.length) continue;
      Object[] values = new Object[arguments.length];
      for (int i = 0; i < values.length; i++)
        values[i] = arguments[i] instanceof JsonNode node ? convert(node, method.getParameterTypes()[i]) : arguments[i];
      try {
        method.invoke(query, values);
        return;
      } catch (InvocationTargetException e) {
        throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new IllegalArgumentException("no such query condition: " + name);
  }

  private static Object convert(JsonNode node, Class<?> type) {
    if (type == String[].class) return strings(node).toArray(String[]::new);
    if (type == Set.class || type == Collection.class) return new HashSet<>(strings(node));
    if (type == List.class) return strings(node);
    if (type == Date.class) return Date.from(Instant.parse(node.asText()));
    return Main.JSON.convertValue(node, type);
  }

  static List<String> strings(JsonNode array) {
    var list = new ArrayList<String>();
    if (array.isTextual()) list.add(array.asText());
    array.elements().forEachRemaining(n -> list.add(n.isNull() ? null : n.asText()));
    return list;
  }
}
