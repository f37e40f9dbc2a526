BEGIN TRANSACTION;
CREATE TABLE changes (
	change_id INTEGER NOT NULL, 
	story_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	said TEXT NOT NULL, 
	was TEXT NOT NULL, 
	PRIMARY KEY (change_id), 
	FOREIGN KEY(story_id) REFERENCES stories (story_id)
);
INSERT INTO "changes" VALUES(1,'9357d0c9f0e4',1,'2026-11-28 16:00:00.357142','Ann','made the story','');
INSERT INTO "changes" VALUES(2,'9357d0c9f0e4',2,'2026-11-28 16:00:00.368362','Ann','pinned “Fixed in time fell” as slide 1','');
INSERT INTO "changes" VALUES(3,'9357d0c9f0e4',3,'2026-11-28 16:00:00.372564','Ann','pinned “ICT spent £20 more” as slide 2','');
INSERT INTO "changes" VALUES(4,'9357d0c9f0e4',4,'2026-11-28 16:00:00.376456','Ann','pinned “No council differs” as slide 3','');
INSERT INTO "changes" VALUES(5,'9357d0c9f0e4',5,'2026-11-28 16:00:00.386467','Ann','pinned “ICT is dearer” as slide 4','');
INSERT INTO "changes" VALUES(6,'9357d0c9f0e4',6,'2026-11-28 16:00:00.419413','Bob','changed the headline of slide 1, “Bexley waits longer”','');
CREATE TABLE slides (
	slide_id TEXT NOT NULL, 
	story_id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	exhibit TEXT NOT NULL, 
	exhibit_at INTEGER NOT NULL, 
	headline TEXT NOT NULL, 
	headline_at INTEGER NOT NULL, 
	notes TEXT NOT NULL, 
	notes_at INTEGER NOT NULL, 
	question TEXT NOT NULL, 
	question_at INTEGER NOT NULL, 
	address TEXT NOT NULL, 
	is_deleted BOOLEAN NOT NULL, 
	PRIMARY KEY (slide_id), 
	FOREIGN KEY(story_id) REFERENCES stories (story_id)
);
INSERT INTO "slides" VALUES('fbd94832e507','9357d0c9f0e4',0,'{"is":"Exhibit","name":"measures.trend","parameters":{"t":[{"t":["measure_id","fix"]}]},"data_version":"0123456789ab","place":"/srv/warehouse","title":"Fixed in time fell","subtitle":"","alt":"A line.","chart":{"is":"Trend","panels":{"t":[{"is":"Panel","title":"ICT","unit":"%","lines":{"t":[{"is":"Line","name":"Bexley","role":"bexley","months":{"t":[{"d":"2017-04-01"},{"d":"2017-05-01"},{"d":"2017-06-01"}]},"values":{"t":[95.0,null,91.5]},"hover":{"t":["95%","","91.5%"]},"provisional":{"t":[false,false,true]},"is_stepped":false,"marks":{"t":[]},"is_filled":false,"between":{"t":[]}}]},"from_zero":false,"council_id":null}]},"events":{"t":[]},"council_order":{"t":[]},"side_by_side":false,"same_scale":false},"table":{"is":"Table","caption":"Fixed in time","columns":{"t":["Month","%"]},"rows":{"t":[{"t":[{"is":"Cell","lines":{"t":[{"t":["April 2017",null]}]},"link":null,"parts":{"t":[]}},{"is":"Cell","lines":{"t":[{"t":["95%",null]}]},"link":null,"parts":{"t":[]}}]}]},"raw_columns":{"t":["month","value"]},"raw_rows":{"t":[{"t":[{"d":"2017-04-01"},95.0]}]},"figures":{"s":[]},"sentences":{"s":[]}},"provenance":{"is":"Provenance","source":"ServiceDesk","data_version":"0123456789ab","is_illustrative":true,"owner":"Head of ICT","notes":{"t":[]}},"empty":null,"table_first":false,"table_open":false}',2,'Bexley waits longer',6,'',2,'',2,'',0);
INSERT INTO "slides" VALUES('a86b4e6f3e38','9357d0c9f0e4',1,'{"is":"Exhibit","name":"costs.bridge","parameters":{"t":[]},"data_version":"0123456789ab","place":"/srv/warehouse","title":"ICT spent £20 more","subtitle":"","alt":"A bridge.","chart":{"is":"Bridge","steps":{"t":[{"is":"Step","name":"Budget","kind":"start","start":0,"end":0,"note":"£100","hover":"Budget £100","mark":null},{"is":"Step","name":"Staff","kind":"step","start":0,"end":20,"note":"+£20","hover":"Staff £20 more","mark":"over"}]},"unit":"£","axis":"Budget"},"table":null,"provenance":null,"empty":null,"table_first":false,"table_open":false}',3,'',3,'',3,'',3,'',0);
INSERT INTO "slides" VALUES('0783e825272b','9357d0c9f0e4',2,'{"is":"Exhibit","name":"funnel.compared","parameters":{"t":[]},"data_version":"0123456789ab","place":"/srv/warehouse","title":"No council differs","subtitle":"","alt":"A funnel.","chart":{"is":"Funnel","places":{"t":[{"is":"Place","name":"Bexley","role":"bexley","cases":100.0,"share":0.95,"hover":"95%","is_outside":false,"is_labelled":true}]},"centre":0.95,"cases":{"t":[50.0,100.0]},"limits_95":{"t":[{"t":[0.9,1.0]},{"t":[0.91,0.99]}]},"limits_998":{"t":[{"t":[0.88,1.0]},{"t":[0.9,1.0]}]},"cases_are":"Cases","council_order":{"t":[]}},"table":null,"provenance":null,"empty":null,"table_first":false,"table_open":false}',4,'',4,'',4,'',4,'',0);
INSERT INTO "slides" VALUES('6803bb409262','9357d0c9f0e4',3,'{"is":"Exhibit","name":"value.against_quality","parameters":{"t":[]},"data_version":"0123456789ab","place":"/srv/warehouse","title":"ICT is dearer","subtitle":"","alt":"A map.","chart":{"is":"Quadrants","spots":{"t":[{"is":"Spot","name":"ICT","role":"whole","now":{"t":[1.0,0.8]},"before":null,"hover":"ICT","mark":null}]},"x_unit":"share","y_unit":"share","x_line":0.5,"y_line":0.5,"x_is":"x","y_is":"y","x_line_is":"middle","y_line_is":"middle","corners":{"t":[{"t":["a","b"]},{"t":["a","b"]},{"t":["a","b"]},{"t":["a","b"]}]},"sentences":{"t":["s"]},"council_order":{"t":[]}},"table":null,"provenance":null,"empty":null,"table_first":false,"table_open":false}',5,'',5,'',5,'',5,'',0);
CREATE TABLE stories (
	story_id TEXT NOT NULL, 
	title TEXT NOT NULL, 
	title_at INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	changed_at DATETIME NOT NULL, 
	is_deleted BOOLEAN NOT NULL, 
	PRIMARY KEY (story_id)
);
INSERT INTO "stories" VALUES('9357d0c9f0e4','Away day',1,6,'2026-11-28 16:00:00.396661',0);
CREATE INDEX ix_slides_story_id ON slides (story_id);
CREATE INDEX ix_changes_story_id ON changes (story_id);
COMMIT;
