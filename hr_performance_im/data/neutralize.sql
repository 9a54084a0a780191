-- a copy of the database talks to no messenger
DELETE FROM hr_performance_im_secret;
DELETE FROM hr_performance_im_token;
UPDATE hr_performance_im_connection SET state = 'paused';
