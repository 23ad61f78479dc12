//! Which named type may stand where another is expected, and how type references merge by it.

use std::collections::BTreeMap;

use apollo_compiler::Name;
use apollo_compiler::ast::Type;

use super::model::{Agreement, Kind, MergedRef, MergedType};

/// The subtypes of the merged graph: objects and interfaces under their interfaces, members under unions.
#[derive(Debug, Default)]
pub(crate) struct Subtyping {
    /// Supertypes by type.
    supertypes: BTreeMap<Name, Vec<Name>>,
}

impl Subtyping {
    /// Reads what types implement and which are members of what.
    pub(super) fn of(types: &BTreeMap<Name, MergedType<'_>>) -> Self {
        let mut subtyping = Self::default();
        for ty in types.values() {
            match ty.kind {
                Some(Kind::Object | Kind::Interface) => {
                    for interface in ty.implements.keys() {
                        subtyping.add(&ty.name, interface);
                    }
                }
                Some(Kind::Union) => {
                    for member in ty.members.keys() {
                        subtyping.add(member, &ty.name);
                    }
                }
                _ => {}
            }
        }
        subtyping
    }

    fn add(&mut self, subtype: &Name, supertype: &Name) {
        self.supertypes.entry(subtype.clone()).or_default().push(supertype.clone());
    }

    /// Whether every value of `subtype` is one of `supertype`: the same type or one under it, non-null or
    /// not, in lists or not. A list never stands for an item.
    pub(crate) fn fits(&self, subtype: &Type, supertype: &Type) -> bool {
        match (subtype, supertype) {
            (Type::NonNullNamed(sub), Type::Named(sup) | Type::NonNullNamed(sup))
            | (Type::Named(sub), Type::Named(sup)) => self.is_under(sub, sup),
            (Type::NonNullList(sub), Type::List(sup) | Type::NonNullList(sup))
            | (Type::List(sub), Type::List(sup)) => self.fits(sub, sup),
            _ => false,
        }
    }

    fn is_under(&self, subtype: &Name, supertype: &Name) -> bool {
        subtype == supertype
            || self.supertypes.get(subtype).is_some_and(|supertypes| supertypes.contains(supertype))
    }

    /// The type of an output: the one that covers all others. Sources are taken in order, and what does
    /// not fit the type so far is a conflict even when a later one would cover both.
    pub(super) fn merge_output<'t>(&self, types: impl Iterator<Item = &'t Type>) -> MergedRef {
        merge(types, |candidate, kept| self.fits(kept, candidate))
    }

    /// The type of an input: the strictest.
    pub(super) fn merge_input<'t>(&self, types: impl Iterator<Item = &'t Type>) -> MergedRef {
        merge(types, |candidate, kept| self.fits(candidate, kept))
    }
}

fn merge<'t>(types: impl Iterator<Item = &'t Type>, replaces: impl Fn(&Type, &Type) -> bool) -> MergedRef {
    let mut kept: Option<&Type> = None;
    let mut agreement = Agreement::Same;
    for ty in types {
        match kept {
            None => kept = Some(ty),
            Some(so_far) if so_far == ty => {}
            Some(so_far) if replaces(ty, so_far) => {
                kept = Some(ty);
                agreement = agreement.max(Agreement::Compatible);
            }
            Some(so_far) if replaces(so_far, ty) => agreement = agreement.max(Agreement::Compatible),
            Some(_) => agreement = Agreement::Incompatible,
        }
    }
    MergedRef { ty: kept.cloned(), agreement }
}
