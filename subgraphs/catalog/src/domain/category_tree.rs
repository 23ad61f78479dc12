//! The category tree of a company: one aggregate, so that no two moves at once can make a cycle.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use souk_kit::clock::Timestamp;
use souk_kit::id::CompanyId;

use super::category::{Category, CategoryRefusal};
use super::content::{Content, ContentChange, ContentRefusal, FieldRefusal};
use super::ids::CategoryId;
use super::slug::{Slug, SlugRefusal};

/// Most categories of one company.
pub const MAX_CATEGORIES: usize = 5_000;

/// All categories of a company. Siblings stand in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryTree {
    /// Whose it is.
    pub company: CompanyId,
    /// The categories.
    #[serde(default)]
    pub categories: Vec<Category>,
}

type Refused = FieldRefusal<CategoryRefusal>;

impl CategoryTree {
    /// No category yet.
    pub fn new(company: CompanyId) -> Self {
        Self { company, categories: Vec::new() }
    }

    /// The category with an id.
    pub fn get(&self, id: &CategoryId) -> Option<&Category> {
        self.categories.iter().find(|category| category.id == *id)
    }

    /// The category with a slug, now or formerly.
    pub fn by_slug(&self, slug: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.content.answers_to(slug))
    }

    /// The category with an id in another system.
    pub fn by_external_reference(&self, reference: &str) -> Option<&Category> {
        self.categories
            .iter()
            .find(|category| category.content.external_reference.as_deref() == Some(reference))
    }

    /// The categories right below one, or at the top, in their order.
    pub fn children(&self, parent: Option<CategoryId>) -> impl Iterator<Item = &Category> {
        self.categories.iter().filter(move |category| category.parent == parent)
    }

    /// All categories, each before those below it, siblings in their order.
    pub fn from_the_top(&self) -> Vec<&Category> {
        let mut below: BTreeMap<Option<CategoryId>, Vec<&Category>> = BTreeMap::new();
        for category in &self.categories {
            below.entry(category.parent).or_default().push(category);
        }
        // Each is taken out once, so that what a damaged document holds still ends.
        let mut open = below.remove(&None).unwrap_or_default();
        open.reverse();
        let mut all = Vec::with_capacity(self.categories.len());
        while let Some(category) = open.pop() {
            all.push(category);
            open.extend(below.remove(&Some(category.id)).into_iter().flatten().rev());
        }
        all
    }

    /// The way from the top down to a category, itself included.
    pub fn breadcrumbs(&self, id: &CategoryId) -> Vec<&Category> {
        let mut way = Vec::new();
        let mut next = self.get(id);
        // A tree has no way longer than itself: what a damaged document holds still ends.
        while let Some(category) = next.filter(|_| way.len() < self.categories.len()) {
            way.push(category);
            next = category.parent.and_then(|parent| self.get(&parent));
        }
        way.reverse();
        way
    }

    /// A category and all below it.
    pub fn subtree(&self, id: CategoryId) -> BTreeSet<CategoryId> {
        let mut found = BTreeSet::from([id]);
        let mut open = vec![id];
        while let Some(parent) = open.pop() {
            open.extend(
                self.children(Some(parent)).map(|child| child.id).filter(|child| found.insert(*child)),
            );
        }
        found
    }

    /// Adds a category at the end of its siblings; its slug is made from the name when none is given.
    pub fn create(
        &mut self,
        id: CategoryId,
        parent: Option<CategoryId>,
        change: ContentChange,
        at: Timestamp,
    ) -> Result<Category, Refused> {
        if self.categories.len() >= MAX_CATEGORIES {
            return Err(("name", CategoryRefusal::TooMany));
        }
        if parent.is_some_and(|parent| self.get(&parent).is_none()) {
            return Err(("parent", CategoryRefusal::ParentUnknown));
        }
        let name = change.name.as_deref().unwrap_or_default();
        let slug = match &change.slug {
            Some(slug) => {
                Slug::parse(slug).map_err(|refusal| ("slug", ContentRefusal::from(refusal).into()))?
            }
            None => self.free_slug(name, id)?,
        };
        let mut content = Content::new(name, slug).map_err(of_content)?;
        content.apply(ContentChange { name: None, slug: None, ..change }).map_err(of_content)?;
        let category = Category { id, parent, version: 1, content, created_at: at, updated_at: at };
        self.check_unique(&category)?;
        self.categories.push(category.clone());
        Ok(category)
    }

    /// Changes a category, all that is asked or nothing.
    pub fn update(
        &mut self,
        id: CategoryId,
        expected_version: Option<i64>,
        change: ContentChange,
        at: Timestamp,
    ) -> Result<Category, Refused> {
        let mut next = self.expected(id, expected_version)?.clone();
        next.content.apply(change).map_err(of_content)?;
        next.updated_at = at;
        self.check_unique(&next)?;
        Ok(self.replace(next))
    }

    /// Puts a category, with all below it, under a parent or to the top, before a sibling or at the end. Without
    /// a word of the parent it stays below the one that it has.
    pub fn move_to(
        &mut self,
        id: CategoryId,
        expected_version: Option<i64>,
        parent: Option<Option<CategoryId>>,
        before: Option<CategoryId>,
        at: Timestamp,
    ) -> Result<Category, Refused> {
        let known = self.expected(id, expected_version)?.clone();
        let parent = parent.unwrap_or(known.parent);
        let next = Category { parent, updated_at: at, ..known };
        if let Some(parent) = parent {
            if self.get(&parent).is_none() {
                return Err(("parent", CategoryRefusal::ParentUnknown));
            }
            if self.subtree(id).contains(&parent) {
                return Err(("parent", CategoryRefusal::Cycle));
            }
        }
        if before.is_some_and(|sibling| sibling == id || !self.children(parent).any(|c| c.id == sibling)) {
            return Err(("before", CategoryRefusal::SiblingUnknown));
        }
        self.categories.retain(|category| category.id != id);
        let place = before.and_then(|sibling| self.categories.iter().position(|c| c.id == sibling));
        self.categories.insert(place.unwrap_or(self.categories.len()), next.clone());
        Ok(self.replace(next))
    }

    /// Takes a category away that has none below it. That is a change of it, the last one.
    pub fn delete(
        &mut self,
        id: CategoryId,
        expected_version: Option<i64>,
        at: Timestamp,
    ) -> Result<Category, Refused> {
        let last = self.expected(id, expected_version)?.clone();
        let gone = Category { version: last.version + 1, updated_at: at, ..last };
        if self.children(Some(id)).next().is_some() {
            return Err(("id", CategoryRefusal::HasChildren));
        }
        self.categories.retain(|category| category.id != id);
        Ok(gone)
    }

    fn expected(&self, id: CategoryId, version: Option<i64>) -> Result<&Category, Refused> {
        let category = self.get(&id).ok_or(("id", CategoryRefusal::NotFound))?;
        match version {
            Some(version) if version != category.version => {
                Err(("expectedVersion", CategoryRefusal::VersionConflict { current: category.version }))
            }
            None | Some(_) => Ok(category),
        }
    }

    fn replace(&mut self, mut next: Category) -> Category {
        next.version += 1;
        for slot in self.categories.iter_mut().filter(|category| category.id == next.id) {
            slot.clone_from(&next);
        }
        next
    }

    fn free_slug(&self, name: &str, id: CategoryId) -> Result<Slug, Refused> {
        let derived = Slug::derive(name).ok_or(("slug", ContentRefusal::from(SlugRefusal).into()))?;
        if self.by_slug(derived.as_str()).is_none() {
            return Ok(derived);
        }
        let numbered = (2..1_000).map(|n| derived.with_suffix(&n.to_string()));
        let free = numbered.into_iter().find(|slug| self.by_slug(slug.as_str()).is_none());
        Ok(free.unwrap_or_else(|| derived.with_suffix(&id.to_string())))
    }

    fn check_unique(&self, next: &Category) -> Result<(), Refused> {
        let others = || self.categories.iter().filter(|other| other.id != next.id);
        if others().any(|other| other.content.answers_to(next.content.slug.as_str())) {
            return Err(("slug", CategoryRefusal::SlugTaken));
        }
        let reference = &next.content.external_reference;
        if reference.is_some() && others().any(|other| other.content.external_reference == *reference) {
            return Err(("externalReference", CategoryRefusal::ExternalReferenceTaken));
        }
        Ok(())
    }
}

fn of_content((field, refusal): FieldRefusal<ContentRefusal>) -> Refused {
    (field, refusal.into())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    const AT: Timestamp = DateTime::UNIX_EPOCH;

    fn named(name: &str) -> ContentChange {
        ContentChange { name: Some(name.into()), ..ContentChange::default() }
    }

    fn tree() -> CategoryTree {
        CategoryTree::new(CompanyId::new(AT))
    }

    fn add(tree: &mut CategoryTree, parent: Option<CategoryId>, name: &str) -> CategoryId {
        tree.create(CategoryId::new(AT), parent, named(name), AT).unwrap().id
    }

    #[test]
    fn breadcrumbs_lead_from_the_top_down() {
        let mut tree = tree();
        let kitchen = add(&mut tree, None, "Kitchen");
        let tea = add(&mut tree, Some(kitchen), "Tea");
        let pots = add(&mut tree, Some(tea), "Pots");
        let names: Vec<_> = tree.breadcrumbs(&pots).iter().map(|c| c.content.name.as_str()).collect();
        assert_eq!(names, ["Kitchen", "Tea", "Pots"]);
        assert_eq!(tree.subtree(kitchen), BTreeSet::from([kitchen, tea, pots]));
        let (garden, pans) = (add(&mut tree, None, "Garden"), add(&mut tree, Some(kitchen), "Pans"));
        let all: Vec<_> = tree.from_the_top().iter().map(|c| c.id).collect();
        assert_eq!(all, [kitchen, tea, pots, pans, garden], "each before those below it");
    }

    #[test]
    fn a_category_cannot_move_below_itself() {
        let mut tree = tree();
        let top = add(&mut tree, None, "Top");
        let below = add(&mut tree, Some(top), "Below");
        for parent in [top, below] {
            let refused = tree.move_to(top, None, Some(Some(parent)), None, AT).unwrap_err();
            assert_eq!(refused, ("parent", CategoryRefusal::Cycle));
        }
    }

    #[test]
    fn a_move_takes_its_place_among_the_new_siblings() {
        let mut tree = tree();
        let ids = ["a", "b", "c"].map(|name| add(&mut tree, None, name));
        tree.move_to(ids[2], None, None, Some(ids[0]), AT).unwrap();
        let names: Vec<_> = tree.children(None).map(|c| c.content.name.as_str()).collect();
        assert_eq!(names, ["c", "a", "b"]);
        let refused = tree.move_to(ids[0], None, Some(Some(ids[1])), Some(ids[2]), AT).unwrap_err();
        assert_eq!(refused, ("before", CategoryRefusal::SiblingUnknown));
    }

    #[test]
    fn without_a_word_of_the_parent_a_category_stays_below_it() {
        let mut tree = tree();
        let top = add(&mut tree, None, "Top");
        let [a, b] = ["a", "b"].map(|name| add(&mut tree, Some(top), name));
        assert_eq!(tree.move_to(b, None, None, Some(a), AT).unwrap().parent, Some(top));
        assert_eq!(tree.children(Some(top)).map(|c| c.id).collect::<Vec<_>>(), [b, a]);
        assert_eq!(tree.move_to(b, None, Some(None), None, AT).unwrap().parent, None);
    }

    #[test]
    fn slugs_are_unique_also_against_redirects() {
        let mut tree = tree();
        let tea = add(&mut tree, None, "Tea");
        let second = add(&mut tree, None, "Tea");
        assert_eq!(tree.get(&second).unwrap().content.slug.as_str(), "tea-2");
        let renamed = ContentChange { slug: Some("teas".into()), ..ContentChange::default() };
        tree.update(tea, None, renamed, AT).unwrap();
        assert_eq!(tree.by_slug("tea").map(|c| c.id), Some(tea));
        let taking = ContentChange { slug: Some("tea".into()), ..ContentChange::default() };
        assert_eq!(tree.update(second, None, taking, AT).unwrap_err(), ("slug", CategoryRefusal::SlugTaken));
    }

    #[test]
    fn what_has_categories_below_it_is_not_deleted() {
        let mut tree = tree();
        let top = add(&mut tree, None, "Top");
        let below = add(&mut tree, Some(top), "Below");
        assert_eq!(tree.delete(top, None, AT).unwrap_err(), ("id", CategoryRefusal::HasChildren));
        tree.delete(below, None, AT).unwrap();
        tree.delete(top, Some(1), AT).unwrap();
        assert!(tree.categories.is_empty());
    }

    #[test]
    fn a_version_counts_the_changes_of_its_own_category() {
        let mut tree = tree();
        let (a, b) = (add(&mut tree, None, "A"), add(&mut tree, None, "B"));
        tree.update(a, Some(1), named("AA"), AT).unwrap();
        tree.update(b, Some(1), named("BB"), AT).unwrap();
        let refused = tree.update(a, Some(1), named("AAA"), AT).unwrap_err();
        assert_eq!(refused, ("expectedVersion", CategoryRefusal::VersionConflict { current: 2 }));
    }

    proptest! {
        #[test]
        fn no_series_of_moves_makes_a_cycle_or_loses_a_category(
            moves in prop::collection::vec(
                (0usize..8, prop::option::of(prop::option::of(0usize..8)), prop::option::of(0usize..8)), 0..60),
        ) {
            let mut tree = tree();
            let ids: Vec<_> = (0..8).map(|n| add(&mut tree, None, &format!("n{n}"))).collect();
            for (one, parent, before) in moves {
                let parent = parent.map(|parent| parent.map(|p| ids[p]));
                let _ = tree.move_to(ids[one], None, parent, before.map(|b| ids[b]), AT);
                prop_assert_eq!(tree.categories.len(), ids.len());
                let tops = tree.children(None).map(|c| c.id);
                let reached: BTreeSet<_> = tops.flat_map(|top| tree.subtree(top)).collect();
                prop_assert_eq!(reached.len(), ids.len());
                prop_assert_eq!(tree.from_the_top().len(), ids.len());
            }
        }
    }
}
