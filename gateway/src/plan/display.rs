//! Plans as text: what an operator reads and what tests compare.
use std::fmt::{Display, Formatter, Result, Write as _};

use super::{
    requires::{RequireItem, Requires},
    shape::{Content, Group, GuardId, SelectionId, Shape, ShapeField},
    steps::{Change, EntitySet, Fetch, Path, PathSegment, Plan, Route, Routes, Step, Target},
    types::TypeTable,
};

impl Display for Plan {
    /// The steps, without the shape: of each route under the values that lead to it.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (at, route) in self.routes.all.iter().enumerate() {
            let ways = (0_usize..).zip(&self.routes.by_values).filter(|(_, route)| **route == at);
            let ways: Vec<String> = ways.map(|(bits, _)| self.routes.values(bits)).collect();
            if self.routes.all.len() > 1 {
                writeln!(f, "with {}", ways.join(" or "))?;
            }
            route.write_step(f, &route.step, 0)?;
        }
        Ok(())
    }
}

impl Routes {
    fn values(&self, bits: usize) -> String {
        let values = self.conditions.iter().enumerate();
        let values =
            values.map(|(at, name)| format!("{}${name}", if bits >> at & 1 == 1 { "" } else { "not " }));
        values.collect::<Vec<_>>().join(" and ")
    }
}

impl Plan {
    /// The shape as text, one field per line.
    pub fn shape_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = write_selection(&mut text, &self.shape, &self.types, self.shape.root, 0);
        text
    }
}

impl Route {
    fn write_step(&self, f: &mut Formatter<'_>, step: &Step, depth: usize) -> Result {
        let pad = "  ".repeat(depth);
        match step {
            Step::Nothing => writeln!(f, "{pad}nothing to ask"),
            Step::Sequence(steps) => self.write_steps(f, "in order", steps, depth),
            Step::Parallel(steps) => self.write_steps(f, "together", steps, depth),
            Step::When { condition, step } => {
                writeln!(
                    f,
                    "{pad}{} ${}",
                    if condition.negated { "unless" } else { "if" },
                    condition.variable
                )?;
                self.write_step(f, step, depth + 1)
            }
            Step::Fetch(id) => self.fetch(*id).map_or(Ok(()), |fetch| write_fetch(f, fetch, &pad)),
        }
    }

    fn write_steps(&self, f: &mut Formatter<'_>, word: &str, steps: &[Step], depth: usize) -> Result {
        writeln!(f, "{}{word}", "  ".repeat(depth))?;
        steps.iter().try_for_each(|step| self.write_step(f, step, depth + 1))
    }
}

fn write_fetch(f: &mut Formatter<'_>, fetch: &Fetch, pad: &str) -> Result {
    writeln!(f, "{pad}fetch {}", fetch.subgraph)?;
    match &fetch.target {
        Target::Root { path, output } => {
            if !path.segments.is_empty() {
                writeln!(f, "{pad}  into {path}")?;
            }
            write_rewrites(f, output.rewrites.iter().map(|it| (it.path.len(), &it.change)), pad)?;
        }
        Target::Entities(sets) => sets.iter().try_for_each(|set| write_set(f, set, pad))?,
    }
    for line in fetch.query.lines().filter(|line| !line.is_empty()) {
        writeln!(f, "{pad}  {line}")?;
    }
    Ok(())
}

fn write_set(f: &mut Formatter<'_>, set: &EntitySet, pad: &str) -> Result {
    for path in &set.paths {
        writeln!(f, "{pad}  ${} from {path}", set.variable)?;
    }
    writeln!(f, "{pad}  ${}: {}", set.variable, set.requires)?;
    write_rewrites(f, set.output.rewrites.iter().map(|it| (it.path.len(), &it.change)), pad)
}

fn write_rewrites<'a>(
    f: &mut Formatter<'_>,
    rewrites: impl Iterator<Item = (usize, &'a Change)>,
    pad: &str,
) -> Result {
    for (_, change) in rewrites {
        match change {
            Change::RenameKey(to) => writeln!(f, "{pad}  answer renamed to {to}")?,
            Change::SetString(to) => writeln!(f, "{pad}  answer set to \"{to}\"")?,
        }
    }
    Ok(())
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.segments.is_empty() {
            return f.write_str("the root");
        }
        for (at, segment) in self.segments.iter().enumerate() {
            match segment {
                PathSegment::Field(key) if at == 0 => write!(f, "{key}")?,
                PathSegment::Field(key) => write!(f, ".{key}")?,
                PathSegment::Items => f.write_str(".@")?,
                PathSegment::OnType(condition) => write!(f, "|{}", condition.names.join("|"))?,
            }
        }
        if self.shared { Ok(()) } else { f.write_str(" (apart)") }
    }
}

impl Display for Requires {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_requires(f, &self.0)
    }
}

fn write_requires(f: &mut Formatter<'_>, items: &[RequireItem]) -> Result {
    f.write_str("{")?;
    for item in items {
        f.write_str(" ")?;
        match item {
            RequireItem::OnType { condition, items, .. } => {
                write!(f, "... on {} ", condition.names.join("|"))?;
                write_requires(f, items)?;
            }
            RequireItem::Field(field) => {
                if field.read != field.write {
                    write!(f, "{}: ", field.write)?;
                }
                f.write_str(&field.read)?;
                for (_, change) in &field.changes {
                    match change {
                        Change::RenameKey(to) => write!(f, " as {to}")?,
                        Change::SetString(to) => write!(f, " = \"{to}\"")?,
                    }
                }
                if !field.items.is_empty() {
                    f.write_str(" ")?;
                    write_requires(f, &field.items)?;
                }
            }
        }
    }
    f.write_str(" }")
}

fn write_selection(
    text: &mut String,
    shape: &Shape,
    types: &TypeTable,
    id: SelectionId,
    depth: usize,
) -> Result {
    let Some(selection) = shape.selection(id) else { return Ok(()) };
    let pad = "  ".repeat(depth);
    let several = selection.groups.len() > 1;
    for group in &selection.groups {
        if several {
            let names = types.possible(selection.declared).iter().filter(|ty| group.types.contains(**ty));
            let names: Vec<&str> = names.map(|ty| types.name(*ty)).collect();
            writeln!(text, "{pad}on {}", names.join("|"))?;
        }
        write_group(text, shape, types, group, depth + usize::from(several))?;
    }
    Ok(())
}

fn write_group(text: &mut String, shape: &Shape, types: &TypeTable, group: &Group, depth: usize) -> Result {
    for field in &group.fields {
        write!(text, "{}{}", "  ".repeat(depth), field.key)?;
        if field.source != field.key {
            write!(text, " from {}", field.source)?;
        }
        write_when(text, shape, field)?;
        if matches!(field.content, Content::Refused) {
            text.write_str(" refused")?;
        }
        writeln!(text)?;
        if let Content::Object(id) = &field.content {
            write_selection(text, shape, types, *id, depth + 1)?;
        }
    }
    Ok(())
}

fn write_when(text: &mut String, shape: &Shape, field: &ShapeField) -> Result {
    for (at, guard) in field.when.iter().filter(|guard| **guard != GuardId::ALWAYS).enumerate() {
        text.write_str(if at == 0 { " if " } else { " or " })?;
        let conditions = shape.guards.get(usize::from(guard.0)).map_or(&[][..], Vec::as_slice);
        let words =
            conditions.iter().map(|it| format!("{}${}", if it.negated { "not " } else { "" }, it.variable));
        text.write_str(&words.collect::<Vec<_>>().join(" and "))?;
    }
    Ok(())
}
