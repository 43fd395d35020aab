// Brings @huggingface/jinja to what Python's jinja2 does where the two differ and chat templates notice: equality,
// str.strip with characters, how None, True, numbers, lists and dicts print, tojson as transformers defines it.
// Evaluated in the scope of huggingface-jinja.js, whose classes and functions it mends; it returns an object with
// compile(template) -> render(items), both in terms of plain JSON.

const PYTHON_SPACE = "\\s\\x1c-\\x1f\\x85";

function stripped(text, characters, left, right) {
  const set = characters === undefined ? PYTHON_SPACE : characters.replace(/[\\\]^-]/g, "\\$&");
  if (set === "") {
    return text;
  }
  const member = new RegExp("[" + set + "]", "u");
  const points = Array.from(text);
  let start = 0;
  let end = points.length;
  while (left && start < end && member.test(points[start]) && points[start] !== "\ufeff") start++;
  while (right && end > start && member.test(points[end - 1]) && points[end - 1] !== "\ufeff") end--;
  return points.slice(start, end).join("");
}

function characters(args) {
  const given = args[0];
  if (given === undefined || given instanceof NullValue) {
    return undefined;
  }
  if (!(given instanceof StringValue)) {
    throw new Error("strip arg must be None or str");
  }
  return given.value;
}

function text(action) {
  return new FunctionValue((args) => new StringValue(action(args)));
}

const libraryStringBuiltins = Object.getOwnPropertyDescriptor(StringValue.prototype, "builtins").get;
Object.defineProperty(StringValue.prototype, "builtins", {
  get() {
    const builtins = libraryStringBuiltins.call(this);
    if (!builtins.has("splitlines")) {
      const value = this.value;
      builtins.set("strip", text((args) => stripped(value, characters(args), true, true)));
      builtins.set("lstrip", text((args) => stripped(value, characters(args), true, false)));
      builtins.set("rstrip", text((args) => stripped(value, characters(args), false, true)));
      builtins.set("capitalize", text(() => value.charAt(0).toUpperCase() + value.slice(1).toLowerCase()));
      builtins.set("removeprefix", text(([p]) => (value.startsWith(p.value) ? value.slice(p.value.length) : value)));
      builtins.set(
        "removesuffix",
        text(([s]) => (s.value && value.endsWith(s.value) ? value.slice(0, -s.value.length) : value)),
      );
      builtins.set("length", new IntegerValue(Array.from(value).length));
      builtins.set(
        "splitlines",
        new FunctionValue(() => {
          const lines = value.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
          if (lines[lines.length - 1] === "") lines.pop();
          return new ArrayValue(lines.map((line) => new StringValue(line)));
        }),
      );
    }
    return builtins;
  },
});

// ---- how values print --------------------------------------------------------------------------------------------

function floatText(x) {
  if (!Number.isFinite(x)) {
    return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  }
  const [mantissa, exponent] = x.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return mantissa + "e" + (power < 0 ? "-" : "+") + String(Math.abs(power)).padStart(2, "0");
  }
  if (Object.is(x, -0)) {
    return "-0.0";
  }
  const plain = power < 0 ? x.toFixed(Math.min(100, mantissa.replace(/[-.]/g, "").length - 1 - power)) : String(x);
  return plain.includes(".") ? plain : plain + ".0";
}

function stringLiteral(value) {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const escapes = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", [quote]: "\\" + quote };
  const inner = value.replace(/[\\\n\r\t'"]|[\x00-\x1f\x7f-\xa0\xad]/g, (c) => {
    return escapes[c] ?? (c === "'" || c === '"' ? c : "\\x" + c.charCodeAt(0).toString(16).padStart(2, "0"));
  });
  return quote + inner + quote;
}

/** Python's repr. */
function literal(value) {
  if (value instanceof StringValue) {
    return stringLiteral(value.value);
  }
  if (value instanceof TupleValue) {
    const items = value.value.map(literal);
    return "(" + items.join(", ") + (items.length === 1 ? ",)" : ")");
  }
  if (value instanceof ArrayValue) {
    return "[" + value.value.map(literal).join(", ") + "]";
  }
  if (value instanceof ObjectValue) {
    return "{" + Array.from(value.value, ([key, item]) => stringLiteral(key) + ": " + literal(item)).join(", ") + "}";
  }
  return value.toString();
}

FloatValue.prototype.toString = function () {
  return floatText(this.value);
};
BooleanValue.prototype.toString = function () {
  return this.value ? "True" : "False";
};
NullValue.prototype.toString = () => "None";
UndefinedValue.prototype.toString = () => "";
ArrayValue.prototype.toString = ObjectValue.prototype.toString = function () {
  return literal(this);
};

const SILENT = new Set(["Set", "Macro", "Comment"]);
const loopBodies = new WeakSet();
const brokenLoops = new WeakSet();

/** What an iteration wrote before it was broken off stays written. */
Interpreter.prototype.evaluateBlock = function (statements, environment) {
  let result = "";
  if (brokenLoops.has(environment) && loopBodies.has(statements)) {
    return new StringValue(result);
  }
  try {
    for (const statement of statements) {
      const value = this.evaluate(statement, environment);
      if (!SILENT.has(statement.type)) {
        result += value.toString();
      }
    }
  } catch (control) {
    if (!(control instanceof BreakControl || control instanceof ContinueControl)) {
      throw control;
    }
    control.written = result + (control.written ?? "");
    if (!loopBodies.has(statements)) {
      throw control;
    }
    if (control instanceof BreakControl) {
      brokenLoops.add(environment);
    }
    result = control.written;
  }
  return new StringValue(result);
};

const settled = (value) => ({ type: "Settled", value });
const libraryFor = Interpreter.prototype.evaluateFor;
Interpreter.prototype.evaluateFor = function (node, environment) {
  loopBodies.add(node.body);
  const selects = node.iterable.type === "SelectExpression";
  let items = this.evaluate(selects ? node.iterable.lhs : node.iterable, environment);
  if (items instanceof UndefinedValue) {
    items = new ArrayValue([]);
  } else if (items instanceof StringValue) {
    items = new ArrayValue(Array.from(items.value, (c) => new StringValue(c)));
  }
  const iterable = selects
    ? { type: "SelectExpression", lhs: settled(items), test: node.iterable.test }
    : settled(items);
  return libraryFor.call(this, { ...node, iterable }, environment);
};

const libraryMember = Interpreter.prototype.evaluateMemberExpression;
Interpreter.prototype.evaluateMemberExpression = function (node, environment) {
  const object = this.evaluate(node.object, environment);
  if (object instanceof UndefinedValue) {
    throw new Error(`'${node.object.value ?? "value"}' is undefined`);
  }
  return libraryMember.call(this, { ...node, object: settled(object) }, environment);
};

const libraryToJson = toJSON;
toJSON = function (input, options = {}, depth = 0, convertUndefinedToNull = true) {
  if (!convertUndefinedToNull) {
    return literal(input);
  }
  switch (input.type) {
    case "IntegerValue":
      return String(input.value);
    case "FloatValue":
      return { nan: "NaN", inf: "Infinity", "-inf": "-Infinity" }[floatText(input.value)] ?? floatText(input.value);
    case "TupleValue":
      return libraryToJson(new ArrayValue(input.value), options, depth, true);
    case "UndefinedValue":
      throw new Error("Object of type Undefined is not JSON serializable");
    default:
      return libraryToJson(input, options, depth, true);
  }
};

// ---- operators ---------------------------------------------------------------------------------------------------

function areEqual(left, right) {
  if (isNumericLikeValue(left) && isNumericLikeValue(right)) {
    return getNumericValue(left) == getNumericValue(right);
  }
  if (left instanceof ArrayValue && right instanceof ArrayValue) {
    return (
      left instanceof TupleValue === right instanceof TupleValue &&
      left.value.length === right.value.length &&
      left.value.every((item, i) => areEqual(item, right.value[i]))
    );
  }
  if (left instanceof ObjectValue && right instanceof ObjectValue) {
    return (
      left.value.size === right.value.size &&
      Array.from(left.value).every(([key, item]) => right.value.has(key) && areEqual(item, right.value.get(key)))
    );
  }
  return left.type === right.type && left.value === right.value;
}

const libraryBinary = Interpreter.prototype.evaluateBinaryExpression;
Interpreter.prototype.evaluateBinaryExpression = function (node, environment) {
  const operator = node.operator.value;
  if (operator === "and" || operator === "or") {
    return libraryBinary.call(this, node, environment);
  }
  const left = this.evaluate(node.left, environment);
  const right = this.evaluate(node.right, environment);
  switch (operator) {
    case "==":
      return new BooleanValue(areEqual(left, right));
    case "!=":
      return new BooleanValue(!areEqual(left, right));
    case "~":
      return new StringValue(left.toString() + right.toString());
    case "in":
    case "not in":
      if (right instanceof ArrayValue) {
        return new BooleanValue(right.value.some((item) => areEqual(left, item)) === (operator === "in"));
      }
      break;
    case "+":
      if (left instanceof StringValue !== right instanceof StringValue) {
        throw new Error(`can only concatenate str to str, not ${left.type} and ${right.type}`);
      }
      break;
    case "*":
      if (left instanceof StringValue && right instanceof IntegerValue) {
        return new StringValue(left.value.repeat(Math.max(0, right.value)));
      }
      break;
    case "%":
      if (left instanceof IntegerValue && right instanceof IntegerValue && right.value !== 0) {
        return new IntegerValue(((left.value % right.value) + right.value) % right.value);
      }
      break;
  }
  return libraryBinary.call(this, { operator: node.operator, left: settled(left), right: settled(right) }, environment);
};

const libraryEvaluate = Interpreter.prototype.evaluate;
Interpreter.prototype.evaluate = function (statement, environment) {
  return statement?.type === "Settled" ? statement.value : libraryEvaluate.call(this, statement, environment);
};

function mendedTest(name, test) {
  Environment.TESTS.set(name, test);
}
mendedTest("equalto", areEqual);
mendedTest("eq", areEqual);
mendedTest("==", areEqual);
mendedTest("ne", (a, b) => !areEqual(a, b));
mendedTest("in", (a, b) => b instanceof ArrayValue && b.value.some((item) => areEqual(a, item)));
mendedTest(
  "iterable",
  (a) => a instanceof ArrayValue || a instanceof ObjectValue || a instanceof StringValue || a instanceof UndefinedValue,
);

const libraryFilter = Interpreter.prototype.applyFilter;
Interpreter.prototype.applyFilter = function (operand, node, environment) {
  const called = node.type === "CallExpression";
  const name = called ? node.callee.value : node.value;
  if (name === "string") {
    return new StringValue(operand.toString());
  }
  if (name === "list" && operand instanceof ObjectValue) {
    return operand.keys();
  }
  if (name === "list" && operand instanceof StringValue) {
    return new ArrayValue(Array.from(operand.value, (c) => new StringValue(c)));
  }
  if (name === "trim") {
    if (operand instanceof UndefinedValue) {
      return new StringValue("");
    }
    const [args] = called ? this.evaluateArguments(node.args, environment) : [[]];
    return new StringValue(stripped(operand.toString(), characters(args), true, true));
  }
  if (name === "length" && operand instanceof StringValue) {
    return operand.builtins.get("length");
  }
  if (name === "length" && operand instanceof UndefinedValue) {
    return new IntegerValue(0);
  }
  if (name === "join" && operand instanceof ArrayValue) {
    const [args, named] = called ? this.evaluateArguments(node.args, environment) : [[], new Map()];
    const attribute = args[1] ?? named.get("attribute");
    const items = attribute ? operand.value.map((item) => getAttributeValue(item, attribute.value)) : operand.value;
    return new StringValue(items.map(String).join((args[0] ?? named.get("d"))?.value ?? ""));
  }
  if ((name === "default" || name === "d") && !called) {
    return operand instanceof UndefinedValue ? new StringValue("") : operand;
  }
  if (name === "d") {
    const renamed = Object.assign(Object.create(Object.getPrototypeOf(node)), node);
    renamed.callee = new Identifier("default");
    return libraryFilter.call(this, operand, renamed, environment);
  }
  if (name === "tojson" && operand instanceof UndefinedValue) {
    throw new Error("Object of type Undefined is not JSON serializable");
  }
  return libraryFilter.call(this, operand, node, environment);
};

// ---- values from JSON --------------------------------------------------------------------------------------------

// JSON.parse cannot tell 1.0 from 1, which Python prints apart: floats arrive wrapped under this key.
const FLOAT = "\u0000float";
// The local time, as ISO 8601.
const NOW = "\u0000now";

const libraryConvert = convertToRuntimeValues;
convertToRuntimeValues = function (input) {
  if (Array.isArray(input)) {
    return new ArrayValue(input.map(convertToRuntimeValues));
  }
  if (input !== null && typeof input === "object") {
    return FLOAT in input
      ? new FloatValue(input[FLOAT])
      : new ObjectValue(new Map(Object.entries(input).map(([key, value]) => [key, convertToRuntimeValues(value)])));
  }
  return libraryConvert(input);
};

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

function formatted(date, format) {
  const two = (n) => String(n).padStart(2, "0");
  const directives = {
    Y: date.getFullYear(),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    d: two(date.getDate()),
    b: MONTHS[date.getMonth()].slice(0, 3),
    B: MONTHS[date.getMonth()],
    a: DAYS[date.getDay()].slice(0, 3),
    A: DAYS[date.getDay()],
    H: two(date.getHours()),
    I: two(date.getHours() % 12 || 12),
    p: date.getHours() < 12 ? "AM" : "PM",
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    "%": "%",
  };
  return format.replace(/%(.)/g, (whole, directive) => directives[directive] ?? whole);
}

return {
  compile(source) {
    const template = new module.exports.Template(source);
    return (json) => {
      const items = JSON.parse(json);
      const environment = new Environment();
      setupGlobals(environment);
      environment.variables.set(
        "strftime_now",
        new FunctionValue(([format]) => new StringValue(formatted(new Date(items[NOW]), format.value))),
      );
      for (const [name, value] of Object.entries(items)) {
        environment.variables.set(name, convertToRuntimeValues(value));
      }
      return new Interpreter(environment).run(template.parsed).value;
    };
  },
};
